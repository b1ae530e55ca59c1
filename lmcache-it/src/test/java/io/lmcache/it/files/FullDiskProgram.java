// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Fills a small file system with objects, opens them again where there is no block left, then makes
 * room; says what it saw, a line for each. Arguments: engine, mount point.
 */
final class FullDiskProgram {

  private static final int SIZE = 256 * 1024;
  private static final String DIRECT = "\"use_odirect\": true";

  private final Engine engine;
  private final Path base;
  private final Path filler;
  private int objects;

  private FullDiskProgram(Engine engine, Path mount) {
    this.engine = engine;
    this.base = mount.resolve("kv");
    this.filler = mount.resolve("filler");
  }

  public static void main(String[] args) throws Exception {
    FullDiskProgram program = new FullDiskProgram(Engine.valueOf(args[0]), Path.of(args[1]));
    program.storeUntilItIsFull();
    program.fill();
    program.openFull();
    program.openFullAndRequire();
    program.openWithOneInode();
    program.makeRoom();
  }

  @SuppressWarnings("SystemOut")
  private static void say(String name, Object what) {
    System.out.println(name + ": " + what);
  }

  private static ObjectKey key(int n) {
    return Content.key("full", n);
  }

  private static String odirect(FileAdapter adapter) {
    return String.valueOf(adapter.adapter().status().details().get("odirect"));
  }

  private static StoreOutcome store(FileAdapter adapter, int n) {
    return adapter.store(key(n), 1, SIZE, StoreMode.IF_ABSENT);
  }

  private void storeUntilItIsFull() throws IOException {
    try (FileAdapter adapter = FileAdapter.open(engine, base, DIRECT)) {
      say("first", odirect(adapter));
      while (store(adapter, objects) == StoreOutcome.STORED) {
        objects++;
      }
    }
    say("objects", objects);
  }

  /** To the last block; a directory for later comes first. */
  private void fill() throws IOException {
    Files.createDirectory(filler.resolveSibling("inodes"));
    try (FileChannel channel =
        FileChannel.open(filler, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      // Again while there is something left: a block that was just freed comes back late.
      do {
        for (int bytes = 1 << 20; bytes >= 1; bytes /= 2) {
          fill(channel, bytes);
        }
      } while (Files.getFileStore(base).getUsableSpace() > 0);
    }
    say("usable", Files.getFileStore(base).getUsableSpace());
  }

  private static void fill(FileChannel channel, int bytes) throws IOException {
    try {
      while (channel.write(ByteBuffer.allocate(bytes)) > 0) {
        channel.force(false);
      }
    } catch (IOException e) {
      if (!String.valueOf(e.getMessage()).contains("No space left on device")) {
        throw e;
      }
    }
  }

  private void loadAll(FileAdapter adapter) {
    int loaded = 0;
    for (int n = 0; n < objects; n++) {
      MemoryObject into = Content.poisoned(SIZE);
      adapter.load(key(n), into);
      loaded += Content.holds(into, key(n), 1) ? 1 : 0;
    }
    say("loaded", loaded);
  }

  private void openFull() throws IOException {
    try (FileAdapter adapter = FileAdapter.open(engine, base, DIRECT)) {
      say("full", odirect(adapter));
      loadAll(adapter);
      say("store", store(adapter, objects));
      say("still full", odirect(adapter));
    }
  }

  private void openFullAndRequire() {
    try (FileAdapter adapter = FileAdapter.open(engine, base, "\"use_odirect\": \"require\"")) {
      say("required", odirect(adapter));
      loadAll(adapter);
    } catch (IOException e) {
      say("required", e);
    }
  }

  /** Which the owner file gets. */
  private void openWithOneInode() throws IOException {
    Path inodes = filler.resolveSibling("inodes");
    int files = 0;
    try {
      for (; ; files++) {
        Files.createFile(inodes.resolve("file" + files));
      }
    } catch (FileSystemException e) {
      Files.delete(inodes.resolve("file" + --files));
    }
    try (FileAdapter adapter = FileAdapter.open(engine, base, DIRECT)) {
      say("inodes", odirect(adapter));
      loadAll(adapter);
    }
    while (--files >= 0) {
      Files.delete(inodes.resolve("file" + files));
    }
  }

  private void makeRoom() throws IOException {
    try (FileAdapter adapter = FileAdapter.open(engine, base, DIRECT)) {
      say("before", odirect(adapter));
      Files.delete(filler);
      adapter.delete(key(0));
      say("store", store(adapter, objects));
      say("after", odirect(adapter));
    }
  }
}
