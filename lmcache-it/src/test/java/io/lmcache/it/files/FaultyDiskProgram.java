// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static io.lmcache.it.files.FaultyDiskAdapter.SIZE;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Breaks the file system under an adapter, and says how much of that was met. Arguments: what is
 * broken, engine, a mount point or an empty directory.
 */
final class FaultyDiskProgram {

  private static final int OBJECTS = 8;

  private final Engine engine;
  private final Path mount;
  private final Path base;
  private final List<ObjectKey> there = keys(0, OBJECTS);

  private FaultyDiskProgram(Engine engine, Path mount) {
    this.engine = engine;
    this.mount = mount;
    this.base = mount.resolve("kv");
  }

  public static void main(String[] args) throws Exception {
    FaultyDiskProgram program = new FaultyDiskProgram(Engine.valueOf(args[1]), Path.of(args[2]));
    switch (args[0]) {
      case "read-only" -> program.readOnly();
      case "dead" -> program.dead();
      case "gone" -> program.gone();
      case "prepare" -> FaultyDiskDenied.prepare(program.engine, program.base);
      case "denied" -> say("failures", FaultyDiskDenied.denied(program.engine, program.base));
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  @SuppressWarnings("SystemOut")
  private static void say(String name, int what) {
    System.out.println(name + ": " + what);
  }

  private static List<ObjectKey> keys(int from, int count) {
    return IntStream.range(from, from + count).mapToObj(n -> Content.key("faulty", n)).toList();
  }

  private static void command(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("hangs: %s", command[0]).isTrue();
    assertThat(process.exitValue()).as("exit of %s", String.join(" ", command)).isZero();
  }

  private void readOnly() throws Exception {
    try (FaultyDiskAdapter adapter = new FaultyDiskAdapter(engine, base)) {
      adapter.mustStore(there, 1);
      command("mount", "-o", "remount,ro", mount.toString());
      adapter.storesMustFail(keys(OBJECTS, 8), StoreMode.IF_ABSENT, "EROFS");
      adapter.assertDegraded("stores in a row failed", "(EROFS)", base.toString());
      adapter.storesMustFail(there.subList(0, 2), StoreMode.REPLACE, "EROFS");
      adapter.deletesMustFail(there.subList(2, 8), "EROFS");
      adapter.assertDegraded("stores in a row failed", "deletes in a row failed");
      adapter.assertCounted();
      adapter.assertObjects(OBJECTS);
      for (ObjectKey key : there) {
        assertThat(adapter.adapter().lookup(key)).isEqualTo(SIZE);
      }
      adapter.mustLoad(there, 1);

      command("mount", "-o", "remount,rw", mount.toString());
      adapter.mustStore(keys(OBJECTS, 1), 2);
      adapter.assertDegraded("deletes in a row failed");
      adapter.mustDelete(there.subList(7, 8));
      adapter.assertWellAgain("stores in a row failed", "(EROFS)");
      adapter.assertCounted();
      adapter.mustLoad(there.subList(0, 7), 1);
      adapter.mustLoad(keys(OBJECTS, 1), 2);
      adapter.assertObjects(OBJECTS);
      say("failures", adapter.failures());
      say("objects loaded", adapter.loaded());
    }
  }

  private void dead() throws Exception {
    Files.createDirectory(base);
    try (FaultyDiskAdapter adapter = new FaultyDiskAdapter(engine, base, "\"use_odirect\": true")) {
      adapter.mustStore(there, 1);
      command("sync", "-f", mount.toString());
      command("xfs_io", "-x", "-c", "shutdown", mount.toString());
      adapter.storesMustFail(keys(OBJECTS, 8), StoreMode.IF_ABSENT, "EIO");
      adapter.assertDegraded("stores in a row failed", "(EIO)", base.toString());
      adapter.loadsMustFail(there, "EIO");
      adapter.deletesMustFail(there.subList(0, 6), "EIO");
      adapter.assertDegraded("stores in a row", "loads in a row", "deletes in a row");
      adapter.assertCounted();
      assertThat(adapter.adapter().counter("corrupt")).as("files called corrupt").isZero();
      assertThat(adapter.adapter().usage().storedObjects()).isEqualTo(OBJECTS);
      say("failures", adapter.failures());
    }
    command("umount", mount.toString());
    command("mount", "-o", "loop", mount.resolveSibling("disk").toString(), mount.toString());
    try (FaultyDiskAdapter adapter = new FaultyDiskAdapter(engine, base, "\"use_odirect\": true")) {
      adapter.mustLoad(there, 1);
      adapter.mustStore(keys(OBJECTS, 8), 1);
      adapter.assertObjects(2 * OBJECTS);
      say("objects loaded", adapter.loaded());
    }
  }

  private void gone() throws Exception {
    try (FaultyDiskAdapter adapter = new FaultyDiskAdapter(engine, base)) {
      adapter.mustStore(there, 1);
      remove(base);
      goneMustFail(adapter, keys(OBJECTS, 5));
      adapter.assertDegraded(
          "stores in a row failed", "(ENOENT)", base.toString(), "open it again");
      adapter.mustNotBeFound(there.subList(0, 3));
      assertThat(adapter.adapter().usage().storedObjects()).isEqualTo(OBJECTS - 3);
      adapter.mustBeAbsentForDeletes(there.subList(3, 5));
      assertThat(adapter.adapter().usage().storedObjects()).isEqualTo(OBJECTS - 5);
      assertThat(base).as("the directory").doesNotExist();

      Files.createDirectory(base);
      goneMustFail(adapter, keys(OBJECTS, 5));
      try (Stream<Path> all = Files.list(base)) {
        assertThat(all).as("what is in a new directory").isEmpty();
      }
      try (FaultyDiskAdapter other = new FaultyDiskAdapter(engine, base)) {
        besideAnother(adapter, other);
      }
      adapter.assertCounted();
      say("failures", adapter.failures());
    }
    try (FaultyDiskAdapter again = new FaultyDiskAdapter(engine, base)) {
      again.mustLoad(there, 3);
      again.assertObjects(OBJECTS);
    }
  }

  private static void goneMustFail(FaultyDiskAdapter adapter, List<ObjectKey> keys) {
    adapter.storesMustFail(keys, StoreMode.IF_ABSENT, "ENOENT");
  }

  /** Of the same keys: whatever the old one is asked for, the new one's files stay. */
  private void besideAnother(FaultyDiskAdapter old, FaultyDiskAdapter other) throws IOException {
    other.mustStore(there, 3);
    old.storesMustFail(there, StoreMode.REPLACE, "ENOENT");
    if (engine == Engine.FS_JAVA) {
      // It goes by path, and finds files there.
      old.deletesMustFail(there.subList(5, 8), "ENOENT");
    } else {
      old.mustBeAbsentForDeletes(there.subList(5, 8));
    }
    other.mustLoad(there, 3);
    other.assertObjects(OBJECTS);
  }

  private static void remove(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
