// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import static io.lmcache.l2.fs.nio.StorageFixture.attribute;
import static io.lmcache.l2.fs.nio.StorageFixture.attributes;
import static io.lmcache.l2.fs.nio.StorageFixture.errorOf;
import static io.lmcache.l2.fs.nio.TestObjects.bytes;
import static io.lmcache.l2.fs.nio.TestObjects.filled;
import static io.lmcache.l2.fs.nio.TestObjects.key;
import static io.lmcache.l2.fs.nio.TestObjects.poisoned;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.l2.fs.Checksum;
import io.lmcache.l2.fs.Fsync;
import io.lmcache.l2.fs.KeyDigest;
import io.lmcache.l2.fs.ObjectAttribute;
import io.lmcache.l2.fs.ObjectFileNames;
import io.lmcache.l2.fs.RemovalLimit;
import io.lmcache.spi.Health;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Retry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.OptionalLong;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The storage on real files. */
final class FsJavaStorageTest {

  private static final int SIZE = 10_001;

  @TempDir Path base;

  private StorageFixture open() throws IOException {
    return open(Configs.in(base).make());
  }

  private static StorageFixture open(FsJavaConfig config) throws IOException {
    return new StorageFixture(config);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4095, 4096, (1 << 20) - 1, 1 << 20, (3 << 20) + 17})
  void everySizeComesBackAndTheFileSaysWhatItIs(int size) throws Exception {
    try (StorageFixture f = open()) {
      f.storage.put(key(1), filled(key(1), 3, size));
      f.load(key(1), poisoned(size), 3);
      assertThat(f.storage.stat(key(1))).isEqualTo(OptionalLong.of(size));
      byte[] expected = bytes(key(1), 3, size);
      assertThat(Files.readAllBytes(f.file(key(1)))).isEqualTo(expected);
      CRC32C crc = new CRC32C();
      crc.update(expected);
      assertThat(attribute(f.file(key(1))))
          .isEqualTo(
              ObjectAttribute.withChecksum(size, (int) crc.getValue(), KeyDigest.of(key(1))));
      assertThat(attributes(f.file(key(1))).list()).containsExactly(ObjectAttribute.NAME);
      assertThat(f.files()).hasSize(1);
      assertThat(f.storage.remove(key(1))).isTrue();
      assertThat(f.storage.remove(key(1))).isFalse();
      assertThat(f.storage.get(key(1), poisoned(size))).isEqualTo(LoadOutcome.NOT_FOUND);
      assertThat(f.files()).isEmpty();
    }
  }

  @Test
  void aLongKeyIsWrittenDownBesideItsFile() throws Exception {
    ObjectKey longKey = ObjectKey.of(new byte[32], "m/".repeat(400), 7, 3, "größe");
    try (StorageFixture f = open()) {
      f.storage.put(longKey, filled(longKey, 1, SIZE));
      f.load(longKey, poisoned(SIZE), 1);
      Path file = base.resolve(ObjectFileNames.digestName(longKey));
      ByteBuffer text = ByteBuffer.allocate(4096);
      attributes(file).read(ObjectAttribute.KEY_NAME, text);
      assertThat(new String(text.array(), 0, text.position(), StandardCharsets.UTF_8))
          .isEqualTo(longKey.toString());
      assertThat(f.storage.stat(longKey)).isEqualTo(OptionalLong.of(SIZE));
      assertThat(f.storage.remove(longKey)).isTrue();
    }
  }

  @Test
  void aKeyThatHasNoNameIsRefusedByEveryCall() throws Exception {
    ObjectKey noName = ObjectKey.of(new byte[16], "a-SEP-b", 1);
    try (StorageFixture f = open()) {
      List<L2Error> errors =
          List.of(
              errorOf(() -> f.storage.put(noName, filled(noName, 1, 1))),
              errorOf(() -> f.storage.get(noName, poisoned(1))),
              errorOf(() -> f.storage.stat(noName)),
              errorOf(() -> f.storage.holds(noName, poisoned(1))),
              errorOf(() -> f.storage.remove(noName)));
      assertThat(errors).extracting(L2Error::code).containsOnly(L2ErrorCode.UNSUPPORTED_KEY);
    }
  }

  @Test
  void ofTheSameSizeItHoldsOnlyWhatBelongsToTheKey() throws Exception {
    try (StorageFixture f = open()) {
      f.storage.put(key(1), filled(key(1), 1, SIZE));
      f.storage.put(key(2), filled(key(2), 1, SIZE));
      assertThat(f.storage.holds(key(1), filled(key(1), 2, SIZE))).isTrue();
      assertThat(f.storage.holds(key(1), filled(key(1), 2, SIZE + 1))).isFalse();
      assertThat(f.storage.holds(key(3), filled(key(3), 1, SIZE))).isFalse();
      Files.move(f.file(key(2)), f.file(key(1)), StandardCopyOption.REPLACE_EXISTING);
      assertThat(f.storage.holds(key(1), filled(key(1), 2, SIZE))).isFalse();
    }
  }

  /** What is not ours stays, and is not served: a directory, a link, a file of the future. */
  @ParameterizedTest
  @ValueSource(strings = {"directory", "link", "dangling link", "pipe", "newer file"})
  void whatIsForeignStays(String kind) throws Exception {
    try (StorageFixture f = open()) {
      Path place = f.file(key(1));
      Path elsewhere = Files.write(base.resolve("elsewhere"), bytes(key(1), 1, SIZE));
      switch (kind) {
        case "directory" -> Files.createDirectory(place);
        case "link" -> Files.createSymbolicLink(place, elsewhere);
        case "dangling link" -> Files.createSymbolicLink(place, base.resolve("nothing"));
        case "pipe" ->
            assertThat(new ProcessBuilder("mkfifo", place.toString()).start().waitFor()).isZero();
        default -> {
          Files.copy(elsewhere, place);
          attributes(place).write(ObjectAttribute.NAME, ByteBuffer.wrap(newerAttribute()));
        }
      }
      Object before = Files.getAttribute(place, "unix:ino", LinkOption.NOFOLLOW_LINKS);
      L2Error error = errorOf(() -> f.storage.put(key(1), filled(key(1), 2, SIZE)));
      assertThat(error.code()).isEqualTo(L2ErrorCode.ACCESS);
      assertThat(error.retry()).isEqualTo(Retry.NEVER);
      assertThat(error.text()).contains(place.toString(), "stays");
      assertThat(f.storage.holds(key(1), filled(key(1), 2, SIZE))).isFalse();
      assertThat(f.storage.get(key(1), poisoned(SIZE))).isEqualTo(LoadOutcome.NOT_FOUND);
      assertThat(f.storage.remove(key(1))).isFalse();
      assertThat(Files.getAttribute(place, "unix:ino", LinkOption.NOFOLLOW_LINKS))
          .isEqualTo(before);
      assertThat(Files.readAllBytes(elsewhere)).isEqualTo(bytes(key(1), 1, SIZE));
      assertThat(f.detail("foreign")).isEqualTo("1");
      assertThat(f.files()).noneMatch(name -> name.contains(".lmc-"));
    }
  }

  private static byte[] newerAttribute() {
    ByteBuffer raw = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
    raw.put(0, (byte) 2);
    CRC32C crc = new CRC32C();
    crc.update(raw.array(), 0, 16);
    raw.putInt(16, (int) crc.getValue());
    return raw.array();
  }

  /** Whatever step of a store fails, what was there stays, and nothing else does. */
  @ParameterizedTest
  @CsvSource({
    "create staged, create staging file for",
    "write staged, write staging file for",
    "set lmcache, set attribute of staging file for",
    "sync staged, sync staging file for",
    "close staged, close staging file for",
    "publish object, publish"
  })
  void aStoreThatFailsLeavesWhatWasThere(String step, String words) throws Exception {
    FsJavaConfig config = Configs.in(base).fsync(Fsync.DATA).make();
    try (StorageFixture f = open(config)) {
      f.storage.put(key(1), filled(key(1), 1, SIZE));
      List<String> before = f.files();
      f.calls.fail(step, new IOException("Input/output error"));
      for (ObjectKey key : List.of(key(1), key(2))) {
        L2Error error = errorOf(() -> f.storage.put(key, filled(key, 2, SIZE)));
        assertThat(error.code()).isEqualTo(L2ErrorCode.IO);
        assertThat(error.nativeCode()).isEqualTo("EIO");
        assertThat(error.text()).startsWith(words).contains(f.file(key).toString());
      }
      assertThat(f.files()).isEqualTo(before).hasSize(1);
      f.calls.failNothing();
      f.load(key(1), poisoned(SIZE), 1);
      f.storage.put(key(1), filled(key(1), 2, SIZE));
      f.load(key(1), poisoned(SIZE), 2);
    }
  }

  /** Some file systems say so of an attribute that is too long; nobody should evict for that. */
  @Test
  void noRoomForAnAttributeIsNoFullDisk() throws Exception {
    try (StorageFixture f = open()) {
      f.calls.fail("set lmcache", new IOException("No space left on device"));
      L2Error attribute = errorOf(() -> f.storage.put(key(1), filled(key(1), 1, SIZE)));
      assertThat(attribute.code()).isEqualTo(L2ErrorCode.IO);
      f.calls.fail("write staged", new IOException("No space left on device"));
      L2Error bytes = errorOf(() -> f.storage.put(key(1), filled(key(1), 1, SIZE)));
      assertThat(bytes.code()).isEqualTo(L2ErrorCode.NO_SPACE);
      assertThat(bytes.retry()).isEqualTo(Retry.AFTER_ROOM);
      assertThat(f.files()).isEmpty();
    }
  }

  @Test
  void aHandleThatWentStaleIsAMiss() throws Exception {
    try (StorageFixture f = open()) {
      f.storage.put(key(1), filled(key(1), 1, SIZE));
      f.calls.fail("read object", new IOException("Stale file handle"));
      assertThat(f.storage.get(key(1), poisoned(SIZE))).isEqualTo(LoadOutcome.NOT_FOUND);
      f.calls.fail("read object", new IOException("Input/output error"));
      assertThat(errorOf(() -> f.storage.get(key(1), poisoned(SIZE))).nativeCode())
          .isEqualTo("EIO");
    }
  }

  @Test
  void withoutChecksumsOnlyLengthAndKeyAreChecked() throws Exception {
    FsJavaConfig config = Configs.in(base).checksum(Checksum.NONE).make();
    try (StorageFixture f = open(config)) {
      f.storage.put(key(1), filled(key(1), 1, SIZE));
      assertThat(attribute(f.file(key(1))))
          .isEqualTo(ObjectAttribute.withoutChecksum(SIZE, KeyDigest.of(key(1))));
      damage(f.file(key(1)));
      assertThat(f.storage.get(key(1), poisoned(SIZE))).isEqualTo(LoadOutcome.LOADED);
    }
    try (StorageFixture f = open()) {
      f.storage.put(key(2), filled(key(2), 1, SIZE));
      damage(f.file(key(2)));
    }
    try (StorageFixture f = open(config)) {
      assertThat(f.storage.get(key(2), poisoned(SIZE))).isEqualTo(LoadOutcome.LOADED);
    }
    try (StorageFixture f = open()) {
      assertThat(f.storage.get(key(1), poisoned(SIZE))).isEqualTo(LoadOutcome.LOADED);
      assertThat(f.storage.get(key(2), poisoned(SIZE))).isEqualTo(LoadOutcome.CORRUPT);
    }
  }

  private static void damage(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, SIZE / 2);
      one.put(0, (byte) (one.get(0) ^ 0x10)).rewind();
      channel.write(one, SIZE / 2);
    }
  }

  /** Damaged files that must stay are not found all the same, and the next store replaces them. */
  @Test
  void tooManyDamagedFilesStayButAreNotServed() throws Exception {
    int damaged = RemovalLimit.REMOVALS + 3;
    try (StorageFixture f = open()) {
      for (int i = 0; i < damaged; i++) {
        f.storage.put(key(i), filled(key(i), 1, SIZE));
        damage(f.file(key(i)));
      }
      assertThat(f.storage.condition().health()).isEqualTo(Health.OK);
      for (int i = 0; i < damaged; i++) {
        assertThat(f.storage.get(key(i), poisoned(SIZE))).isEqualTo(LoadOutcome.CORRUPT);
        assertThat(f.storage.stat(key(i))).isEmpty();
        assertThat(f.storage.holds(key(i), filled(key(i), 1, SIZE))).isFalse();
      }
      assertThat(f.files()).hasSize(3);
      assertThat(f.detail("corrupt")).isEqualTo(Integer.toString(damaged));
      assertThat(f.detail("corrupt_kept")).isEqualTo("3");
      assertThat(f.storage.condition().health()).isEqualTo(Health.DEGRADED);
      assertThat(f.storage.condition().reason()).contains("corrupt");
      ObjectKey last = key(damaged - 1);
      f.storage.put(last, filled(last, 2, SIZE));
      assertThat(f.storage.stat(last)).isEqualTo(OptionalLong.of(SIZE));
      f.load(last, poisoned(SIZE), 2);
    }
  }

  /** Without modes, inodes and attributes the format works, and says what it cannot promise. */
  @Test
  void itWorksWhereFilesAreBytesOnly() throws Exception {
    FsJavaConfig config = Configs.in(base).hashSubdirLevels(1).make();
    FileSystemFeatures bytesOnly = new FileSystemFeatures(false, false, false);
    try (StorageFixture f = new StorageFixture(config, bytesOnly)) {
      f.storage.put(key(1), filled(key(1), 1, SIZE));
      Path file = base.resolve(f.files().get(0));
      assertThat(attributes(file).list()).isEmpty();
      f.load(key(1), poisoned(SIZE), 1);
      assertThat(f.storage.holds(key(1), filled(key(1), 1, SIZE))).isTrue();
      assertThat(f.storage.stat(key(1))).isEqualTo(OptionalLong.of(SIZE));
      assertThat(f.detail("unverified")).isEqualTo("1");
      assertThat(f.detail("file_mode"))
          .isEqualTo("requested=0600 effective=false reason=files have no modes here");
      assertThat(f.storage.remove(key(1))).isTrue();
      assertThat(f.files()).isEmpty();
    }
    try (StorageFixture f = open(config)) {
      assertThat(f.detail("file_mode")).isEqualTo("0600");
      assertThat(f.detail("dir_mode")).isEqualTo("0700");
    }
  }
}
