// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import io.lmcache.l2.fs.ObjectDirectory;
import io.lmcache.l2.fs.UseOdirect;
import io.lmcache.spi.CommonConfig;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.nio.file.Path;

/** What a test does in a process of its own: with another umask, locale or mount. */
final class OtherWorldMain {

  /** Decodes to letters that no bare locale has. */
  static final ObjectKey KEY =
      ObjectKey.of(new byte[] {1, 2, 3, 4}, "gr\u00f6\u00dfe/\u6a21\u578b", 5, 0, "\ud83d\ude80");

  private OtherWorldMain() {}

  /** Stores and loads an object: base_path, file_mode, dir_mode, direct or buffered. */
  public static void main(String[] args) throws Exception {
    FsJavaConfig config =
        Configs.in(Path.of(args[0]))
            .fileMode(args[1])
            .dirMode(args[2])
            .useOdirect(UseOdirect.valueOf(args[3]))
            .hashSubdirLevels(2)
            .make();
    FsJavaStorage storage;
    try {
      storage =
          FsJavaAdapterFactory.openStorage(
              ObjectDirectory.open(config.directoryOptions(CommonConfig.DEFAULT)),
              config,
              "test",
              FileCalls.SYSTEM,
              false);
    } catch (IOException e) {
      System.out.println("refused " + e.getMessage());
      return;
    }
    try (storage) {
      MemoryObject object = TestObjects.filled(KEY, 1, 4096);
      storage.put(KEY, object);
      MemoryObject into = TestObjects.poisoned(4096);
      boolean loaded = storage.get(KEY, into) == LoadOutcome.LOADED;
      System.out.println(loaded && into.buffer().equals(object.buffer()) ? "loaded" : "lost");
      System.out.println("odirect " + storage.details().get("odirect"));
      System.out.println("charset " + System.getProperty("sun.jnu.encoding"));
    }
  }
}
