// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static io.lmcache.it.files.DamageScene.SIZE;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/** What can happen to an object's file, and which line of the document's table that is. */
enum DamageKind {
  REMOVED(DamageRow.NOTHING, -1, s -> Files.delete(s.file())),
  TRUNCATED_TO_NOTHING(DamageRow.CORRUPT, 0, s -> resize(s, 0)),
  SHORTER_BY_A_BYTE(DamageRow.CORRUPT, SIZE - 1, s -> resize(s, SIZE - 1)),
  CUT_IN_HALF(DamageRow.CORRUPT, SIZE / 2, s -> resize(s, SIZE / 2)),
  LONGER_BY_A_BYTE(DamageRow.CORRUPT, SIZE + 1, s -> resize(s, SIZE + 1)),
  LONGER_BY_A_BLOCK(DamageRow.CORRUPT, SIZE + 4096, s -> resize(s, SIZE + 4096)),
  FIRST_BYTE_FLIPPED(DamageRow.CORRUPT, SIZE, s -> flip(s, 0), true),
  MIDDLE_BYTE_FLIPPED(DamageRow.CORRUPT, SIZE, s -> flip(s, SIZE / 2), true),
  LAST_BYTE_FLIPPED(DamageRow.CORRUPT, SIZE, s -> flip(s, SIZE - 1), true),
  BLOCK_ZEROED(DamageRow.CORRUPT, SIZE, s -> write(s, 4096, new byte[4096]), true),
  SWAPPED(DamageRow.CORRUPT, SIZE, DamageKind::swap),
  COPY_OF_THE_NEIGHBOUR(DamageRow.CORRUPT, SIZE, DamageKind::copyNeighbour),
  ATTRIBUTE_OF_ANOTHER_KEY(
      DamageRow.CORRUPT,
      SIZE,
      s -> attribute(s, DamageFiles.attribute(s.neighbour(), SIZE, s.payload()))),
  ATTRIBUTE_OF_ANOTHER_PAYLOAD(
      DamageRow.CORRUPT,
      SIZE,
      s -> attribute(s, DamageFiles.attribute(s.key(), SIZE, new byte[SIZE])),
      true),
  ATTRIBUTE_SAYS_LONGER(
      DamageRow.CORRUPT,
      SIZE,
      s -> attribute(s, DamageFiles.attribute(s.key(), SIZE + 1, s.payload()))),
  ATTRIBUTE_SAYS_SHORTER(
      DamageRow.CORRUPT,
      SIZE,
      s -> attribute(s, DamageFiles.attribute(s.key(), SIZE - 1, s.payload()))),
  ATTRIBUTE_SAYS_NEGATIVE(
      DamageRow.CORRUPT,
      SIZE,
      s -> attribute(s, DamageFiles.attribute(s.key(), -SIZE, s.payload()))),
  ATTRIBUTE_CHECKSUM_DAMAGED(DamageRow.CORRUPT, SIZE, s -> flipAttribute(s, 35)),
  ATTRIBUTE_VERSION_DAMAGED(DamageRow.CORRUPT, SIZE, s -> flipAttribute(s, 0)),
  ATTRIBUTE_DIGEST_DAMAGED(DamageRow.CORRUPT, SIZE, s -> flipAttribute(s, 20)),
  ATTRIBUTE_CUT(
      DamageRow.CORRUPT,
      SIZE,
      s -> attribute(s, Arrays.copyOf(DamageFiles.readAttribute(s.file()), 35))),
  ATTRIBUTE_WITHOUT_BYTES(DamageRow.CORRUPT, SIZE, s -> attribute(s, new byte[0])),
  ATTRIBUTE_OF_3_BYTES(DamageRow.CORRUPT, SIZE, s -> attribute(s, garbage(3))),
  ATTRIBUTE_OF_36_BYTES(DamageRow.CORRUPT, SIZE, s -> attribute(s, garbage(36))),
  ATTRIBUTE_OF_300_BYTES(DamageRow.CORRUPT, SIZE, s -> attribute(s, garbage(300))),
  ATTRIBUTE_REMOVED(DamageRow.UNVERIFIED, SIZE, s -> DamageFiles.removeAttribute(s.file()), true),
  ATTRIBUTE_WITHOUT_CHECKSUM(
      DamageRow.WHOLE,
      SIZE,
      s -> attribute(s, DamageFiles.attributeWithoutChecksum(s.key(), SIZE)),
      true),
  ATTRIBUTE_OF_VERSION_2(DamageRow.NEWER, SIZE, s -> newer(s, 2, 1, 36)),
  ATTRIBUTE_OF_VERSION_2_LONGER(DamageRow.NEWER, SIZE, s -> newer(s, 2, 0, 60)),
  ATTRIBUTE_OF_VERSION_255_SHORT(DamageRow.NEWER, SIZE, s -> newer(s, 255, 0, 12)),
  ATTRIBUTE_WITH_UNKNOWN_FLAG(DamageRow.NEWER, SIZE, s -> newer(s, 1, 3, 36)),
  EMPTY_WITHOUT_ATTRIBUTE(DamageRow.EMPTY, -1, s -> plain(s, 0)),
  EMPTY_AND_WHOLE(
      DamageRow.ANOTHER_LENGTH,
      0,
      s -> {
        resize(s, 0);
        attribute(s, DamageFiles.attribute(s.key(), 0, new byte[0]));
      }),
  EMPTY_WITH_GARBAGE(
      DamageRow.CORRUPT,
      0,
      s -> {
        resize(s, 0);
        attribute(s, garbage(36));
      }),
  SHORTER_AND_WHOLE(
      DamageRow.ANOTHER_LENGTH,
      SIZE - 345,
      s -> {
        resize(s, SIZE - 345);
        attribute(
            s, DamageFiles.attribute(s.key(), SIZE - 345, Arrays.copyOf(s.payload(), SIZE - 345)));
      }),
  PADDED_TO_512(DamageRow.UNVERIFIED, 12_800, s -> plain(s, 12_800)),
  PADDED_TO_4096(DamageRow.UNVERIFIED, 16_384, s -> plain(s, 16_384)),
  PADDED_TO_65536(DamageRow.UNVERIFIED, 65_536, s -> plain(s, 65_536)),
  PADDED_TOO_FAR(DamageRow.ANOTHER_LENGTH, 131_072, s -> plain(s, 131_072)),
  PADDED_TWICE(DamageRow.ANOTHER_LENGTH, 24_576, s -> plain(s, 24_576)),
  SHORTER_WITHOUT_ATTRIBUTE(DamageRow.ANOTHER_LENGTH, SIZE - 1, s -> plain(s, SIZE - 1)),
  LONGER_WITHOUT_ATTRIBUTE(DamageRow.ANOTHER_LENGTH, SIZE + 1, s -> plain(s, SIZE + 1)),
  DIRECTORY(
      DamageRow.NO_FILE,
      -1,
      s -> {
        Files.delete(s.file());
        Files.createDirectory(s.file());
      }),
  DIRECTORY_WITH_FILE(
      DamageRow.NO_FILE,
      -1,
      s -> {
        Path away = s.beside("away");
        Files.move(s.file(), away);
        Files.createDirectory(s.file());
        Files.move(away, s.file().resolve(s.file().getFileName()));
      }),
  LINK_TO_HEALTHY(
      DamageRow.NO_FILE,
      -1,
      s -> {
        Files.move(s.file(), s.beside("healthy"));
        Files.createSymbolicLink(s.file(), s.beside("healthy"));
      }),
  LINK_TO_NOTHING(
      DamageRow.NO_FILE,
      -1,
      s -> {
        Files.delete(s.file());
        Files.createSymbolicLink(s.file(), s.beside("missing"));
      }),
  LINK_TO_ITSELF(
      DamageRow.NO_FILE,
      -1,
      s -> {
        Files.delete(s.file());
        Files.createSymbolicLink(s.file(), s.file().getFileName());
      }),
  FIFO(DamageRow.NO_FILE, -1, DamageKind::makeFifo),
  SOCKET(DamageRow.NO_FILE, -1, DamageKind::makeSocket);

  /** Something that happens to a file. */
  private interface Damage {
    void happen(DamageScene scene) throws IOException;
  }

  private final DamageRow row;
  private final long visibleBytes;

  @SuppressWarnings("ImmutableEnumChecker") // None of them captures anything.
  private final Damage damage;

  private final boolean takenForObject;

  DamageKind(DamageRow row, long visibleBytes, Damage damage) {
    this(row, visibleBytes, damage, false);
  }

  DamageKind(DamageRow row, long visibleBytes, Damage damage, boolean takenForObject) {
    this.row = row;
    this.visibleBytes = visibleBytes;
    this.damage = damage;
    this.takenForObject = takenForObject;
  }

  DamageRow row() {
    return row;
  }

  /** The size under which whoever looks at the directory sees an object; -1 if he sees none. */
  long visibleBytes() {
    return visibleBytes;
  }

  /** Whether a store that says IF_ABSENT finds the object there, as its bytes are not read. */
  boolean isTakenForObject() {
    return takenForObject;
  }

  void happenTo(DamageScene scene) throws IOException {
    damage.happen(scene);
  }

  private static void resize(DamageScene scene, int size) throws IOException {
    try (FileChannel file = FileChannel.open(scene.file(), StandardOpenOption.WRITE)) {
      long before = file.size();
      file.truncate(size);
      if (size > before) {
        file.write(ByteBuffer.allocate((int) (size - before)), before);
      }
    }
  }

  private static void write(DamageScene scene, int offset, byte[] bytes) throws IOException {
    try (FileChannel file = FileChannel.open(scene.file(), StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap(bytes), offset);
    }
  }

  private static void flip(DamageScene scene, int offset) throws IOException {
    write(scene, offset, new byte[] {(byte) (scene.payload()[offset] ^ 0x10)});
  }

  private static void attribute(DamageScene scene, byte[] bytes) throws IOException {
    DamageFiles.writeAttribute(scene.file(), bytes);
  }

  private static void flipAttribute(DamageScene scene, int offset) throws IOException {
    byte[] bytes = DamageFiles.readAttribute(scene.file());
    bytes[offset] ^= 0x10;
    attribute(scene, bytes);
  }

  private static void newer(DamageScene scene, int version, int flags, int size)
      throws IOException {
    byte[] fields = DamageFiles.fields(version, flags, size, SIZE, 0, scene.key());
    attribute(scene, DamageFiles.sealed(Arrays.copyOf(fields, size)));
  }

  private static byte[] garbage(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (i * 37 + 11);
    }
    bytes[0] = 1; // As if it were our version.
    return bytes;
  }

  private static void plain(DamageScene scene, int length) throws IOException {
    byte[] payload = scene.payload();
    Files.delete(scene.file());
    DamageFiles.writePlain(scene.file(), payload, length);
  }

  private static void swap(DamageScene scene) throws IOException {
    Path away = scene.beside("away");
    Files.move(scene.file(), away);
    Files.move(scene.neighbourFile(), scene.file());
    Files.move(away, scene.neighbourFile());
  }

  private static void copyNeighbour(DamageScene scene) throws IOException {
    Files.write(scene.file(), Files.readAllBytes(scene.neighbourFile()));
    attribute(scene, DamageFiles.readAttribute(scene.neighbourFile()));
  }

  private static void makeFifo(DamageScene scene) throws IOException {
    Files.delete(scene.file());
    Process process = new ProcessBuilder("mkfifo", scene.file().toString()).inheritIO().start();
    try {
      if (process.waitFor() != 0) {
        throw new IOException("mkfifo failed: " + process.exitValue());
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  /** Bound elsewhere, since the path of a socket may not be long. */
  private static void makeSocket(DamageScene scene) throws IOException {
    Path directory = Files.createTempDirectory("lmc");
    Path bound = directory.resolve("s");
    try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.bind(UnixDomainSocketAddress.of(bound));
    }
    Files.delete(scene.file());
    Files.move(bound, scene.file());
    Files.delete(directory);
  }
}
