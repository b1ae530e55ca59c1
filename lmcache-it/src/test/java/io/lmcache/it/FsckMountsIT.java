// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.it.Mounted.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The packaged {@code lmcache fsck} where a disk is full, read-only, or somebody else's. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class FsckMountsIT {

  private static final int KEYS = 6;

  @TempDir Path dir;

  /** Stores objects below a directory, and flips a byte of one of them. */
  private Path filled(Path above) throws Exception {
    Path base = above.resolve("kv");
    Programs.Ended ended =
        Programs.lmcacheEnds(
            dir,
            "bench",
            "l2",
            "--only",
            "store",
            "--num-keys",
            "" + KEYS,
            "--rounds",
            "1",
            "--warmup-rounds",
            "0",
            "--data-size-kb",
            "20",
            "--l2-adapter",
            "{\"type\":\"fs_java\",\"base_path\":\"" + base + "\"}");
    assertThat(ended.exit()).as(ended.err()).isZero();
    Path damaged = objects(base).get(0);
    byte[] bytes = Files.readAllBytes(damaged);
    bytes[77] ^= 2;
    Files.write(damaged, bytes);
    return base;
  }

  private static List<Path> objects(Path base) throws Exception {
    try (Stream<Path> files = Files.list(base)) {
      return files.filter(file -> file.toString().endsWith(".data")).sorted().toList();
    }
  }

  private static List<String> script(String script, String... arguments) {
    List<String> command = new ArrayList<>(List.of("sh", "-ec", script, "sh"));
    command.addAll(List.of(arguments));
    return command;
  }

  /** To remove a file takes no room. */
  @Test
  void aFullDiskIsRepaired() throws Exception {
    Mounted mounted = Mounted.in(dir);
    Path base = filled(dir);
    Path there = mounted.place().resolve("kv");
    String fill =
        """
        cp -a "$1" kv
        shift
        dd if=/dev/zero of=filler bs=64k 2>/dev/null || true
        dd if=/dev/zero of=filler2 bs=1k 2>/dev/null || true
        df . >&2
        "$@" --repair
        "$@" --repair
        """;
    List<String> command = new ArrayList<>(script(fill, base.toString()));
    command.addAll(Programs.lmcache("fsck", there.toString()));
    Programs.Ended ended = mounted.run(FileSystem.EXT4_512, command);

    assertThat(ended.exit()).as(ended.out() + ended.err()).isZero();
    assertThat(ended.err()).contains(" 100% ");
    assertThat(ended.out()).contains("1 removed, 0 left").endsWith("no problems\n");
    assertThat(ended.out()).containsPattern("\nobjects +5 +102,400\n");
    assertThat(mounted.left().stream().filter(line -> line.contains("owner-"))).isEmpty();
    assertThat(mounted.left().stream().filter(line -> line.endsWith(".data"))).hasSize(KEYS - 1);
  }

  @Test
  void whatIsReadOnlyIsCheckedAndNotRepaired() throws Exception {
    Mounted mounted = Mounted.in(dir);
    Path base = filled(mounted.place());
    Programs.Ended checked =
        mounted.run(FileSystem.READ_ONLY, Programs.lmcache("fsck", base.toString()));
    assertThat(checked.exit()).isEqualTo(1);
    assertThat(checked.err()).isEmpty();
    assertThat(checked.out()).containsPattern("\nobjects +5 ").contains("1 found");

    Programs.Ended refused =
        mounted.run(FileSystem.READ_ONLY, Programs.lmcache("fsck", "--repair", base.toString()));
    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.out()).isEmpty();
    assertThat(refused.err().lines())
        .singleElement()
        .asString()
        .startsWith("lmcache: cannot write to " + base)
        .endsWith("Read-only file system");
    assertThat(objects(base)).hasSize(KEYS);
  }

  /** Nothing can be verified there, and an object without a byte is nothing that a crash left. */
  @Test
  void withoutAttributesNothingIsVerified() throws Exception {
    Mounted mounted = Mounted.in(dir);
    Path base = filled(dir);
    Files.createFile(base.resolve("model@0x00000000@0@00ff.data"));
    Path there = mounted.place().resolve("kv");
    List<String> command =
        new ArrayList<>(script("cp -r \"$1\" kv; shift; exec \"$@\"", base.toString()));
    command.addAll(Programs.lmcache("fsck", "--repair", there.toString()));
    Programs.Ended ended = mounted.run(FileSystem.RAMFS, command);
    assertThat(ended.exit()).as(ended.out() + ended.err()).isZero();
    assertThat(ended.out())
        .contains("ramfs without attributes")
        .containsPattern("\nobjects +7 +122,880\n")
        .containsPattern("unverified, without attribute +7 ")
        .endsWith("no problems\n");
  }

  /** Who could not make what says by which format it is, takes away what it had made. */
  @ParameterizedTest
  @ValueSource(strings = {"fs_java", "fs_native"})
  void aNewDirectoryThatCannotBeBegunHasNoMetaDirectory(String type) throws Exception {
    Mounted mounted = Mounted.in(dir);
    Path base = mounted.place().resolve("kv");
    // One for the root, base_path, .lmcache, the owner file, and the lock; none for the format.
    String few =
        """
        mkdir small
        mount -t tmpfs -o size=4m,nr_inodes=5 none small
        mkdir small/kv
        status=0
        "$@" || status=$?
        find small >&2
        umount small
        rmdir small
        exit $status
        """;
    Path small = mounted.place().resolve("small/kv");
    List<String> command = new ArrayList<>(script(few));
    command.addAll(
        Programs.lmcache(
            "bench",
            "l2",
            "--l2-adapter",
            "{\"type\":\"" + type + "\",\"base_path\":\"" + small + "\"}"));
    Programs.Ended ended = mounted.run(FileSystem.TMPFS, command);
    assertThat(ended.exit()).as(ended.err()).isEqualTo(1);
    assertThat(ended.err()).contains("format-", "No space left on device");
    assertThat(ended.err().lines().filter(line -> line.startsWith("small")))
        .containsExactly("small", "small/kv");
    assertThat(base).doesNotExist();
  }

  /** Permission bits hold for others than root. */
  @Test
  void whatMayNotBeReadIsSaid() throws Exception {
    Path base = filled(dir);
    Path lib = dir.resolve("lib");
    Programs.run(dir, Map.of(), List.of("cp", "-r", Programs.LIB.toString(), lib.toString()));
    for (Path open : List.of(dir, base, base.resolve(".lmcache"))) {
      Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    Path format = base.resolve(".lmcache/format.json");
    List<Path> objects = objects(base);
    for (Path file : List.of(format, objects.get(0), objects.get(1))) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    }

    Programs.Ended some = asNobody(lib, "fsck", base.toString());
    assertThat(some.exit()).as(some.out() + some.err()).isEqualTo(1);
    assertThat(some.out())
        .containsPattern("\nobjects +1 +20,480\n")
        .containsPattern("\nunreadable +4 +81,920\n")
        .containsPattern("unreadable +there +.*: Permission denied \\(EACCES\\)\n")
        .endsWith("5 found; --repair would remove 1\n");

    Programs.Ended repair = asNobody(lib, "fsck", "--repair", base.toString());
    assertThat(repair.exit()).isEqualTo(1);
    assertThat(repair.out()).isEmpty();
    assertThat(repair.err().lines()).singleElement().asString().contains("permission denied");

    Files.setPosixFilePermissions(base, PosixFilePermissions.fromString("rwx------"));
    Programs.Ended none = asNobody(lib, "fsck", base.toString());
    assertThat(none.exit()).isEqualTo(1);
    assertThat(none.out()).isEmpty();
    assertThat(none.err().lines()).singleElement().asString().contains("permission denied");
    assertThat(objects(base)).hasSize(KEYS);
  }

  private Programs.Ended asNobody(Path lib, String... arguments) throws Exception {
    List<String> setpriv =
        List.of("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups");
    List<String> trial = new ArrayList<>(setpriv);
    trial.add("true");
    Needs.program("another user", trial.toArray(String[]::new));
    List<String> command = new ArrayList<>(setpriv);
    command.addAll(List.of(Programs.java(), "-cp", lib + "/*", "io.lmcache.cli.Main"));
    command.addAll(List.of(arguments));
    return Programs.run(dir, Map.of(), command);
  }
}
