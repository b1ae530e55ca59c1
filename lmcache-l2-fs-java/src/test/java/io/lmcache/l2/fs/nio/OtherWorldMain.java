// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.lmcache.l2.fs.ObjectDirectory;
import io.lmcache.l2.fs.UseOdirect;
import io.lmcache.spi.CommonConfig;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;

/** What a test does in a process of its own: with another umask, locale or mount. */
final class OtherWorldMain {

  /** Decodes to letters that no bare locale has. */
  static final ObjectKey KEY =
      ObjectKey.of(new byte[] {1, 2, 3, 4}, "gr\u00f6\u00dfe/\u6a21\u578b", 5, 0, "\ud83d\ude80");

  /** All are written: it is the adapter and not the storage that leaves out what is there. */
  private static final int STORES = 3;

  private OtherWorldMain() {}

  /**
   * Stores an object a few times and loads it: base_path, file_mode, dir_mode, direct or buffered.
   */
  public static void main(String[] args) throws Exception {
    FsJavaConfig config =
        Configs.in(Path.of(args[0]))
            .fileMode(args[1])
            .dirMode(args[2])
            .useOdirect(UseOdirect.valueOf(args[3]))
            .hashSubdirLevels(2)
            .make();
    WatchedCalls calls = new WatchedCalls(Path.of(args[0]));
    ListAppender<ILoggingEvent> warnings = new ListAppender<>();
    warnings.start();
    Logger logger = (Logger) LoggerFactory.getLogger(DirectIo.class);
    logger.addAppender(warnings);
    logger.setLevel(Level.WARN);
    logger.setAdditive(false);
    FsJavaStorage storage;
    try {
      storage =
          FsJavaAdapterFactory.openStorage(
              ObjectDirectory.open(config.directoryOptions(CommonConfig.DEFAULT)),
              config,
              "test",
              calls,
              false);
    } catch (IOException e) {
      System.out.println("refused " + e.getMessage());
      return;
    }
    try (storage) {
      MemoryObject object = TestObjects.filled(KEY, 1, 4096);
      for (int i = 0; i < STORES; i++) {
        storage.put(KEY, object);
      }
      MemoryObject into = TestObjects.poisoned(4096);
      boolean loaded = storage.get(KEY, into) == LoadOutcome.LOADED;
      System.out.println(loaded && into.buffer().equals(object.buffer()) ? "loaded" : "lost");
      long direct = calls.take().stream().filter("create staged direct"::equals).count();
      System.out.println("created direct " + direct);
      System.out.println("warned " + warnings.list.size());
      System.out.println("odirect " + storage.details().get("odirect"));
      System.out.println("charset " + System.getProperty("sun.jnu.encoding"));
    }
  }
}
