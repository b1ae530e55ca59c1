// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** Runs checks, and says in short what they found. */
final class Checks {

  static final int THREADS = 3;

  /** Goes on, and does something at a piece of a file that is being read. */
  static final class Watcher implements CheckWatcher {

    /** What happens while a file is looked at. */
    interface Event {
      void happen() throws IOException;
    }

    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong pieces = new AtomicLong();
    private final long at;
    private final Event event;
    private volatile boolean stop;

    /**
     * A watcher.
     *
     * @param at after how many pieces the event happens; 0 for never
     */
    Watcher(long at, Event event) {
      this.at = at;
      this.event = event;
    }

    static Watcher quiet() {
      return new Watcher(0, () -> {});
    }

    void stop() {
      stop = true;
    }

    @Override
    public boolean isToStop() {
      return stop;
    }

    @Override
    public void goesOn(Supplier<CheckProgress> progress) {
      long read = progress.get().bytesRead();
      if (bytes.getAndSet(read) < read && pieces.incrementAndGet() == at) {
        try {
          event.happen();
        } catch (IOException e) {
          throw new AssertionError(e);
        }
      }
    }

    /** Pieces that were read. */
    long pieces() {
      return pieces.get();
    }
  }

  private Checks() {}

  static CheckReport check(Path base) throws IOException {
    return run(base, false, Watcher.quiet(), Clock.systemUTC(), FileLocks.SYSTEM);
  }

  static CheckReport repair(Path base) throws IOException {
    return run(base, true, Watcher.quiet(), Clock.systemUTC(), FileLocks.SYSTEM);
  }

  /** With one thread, so that the watcher knows what is read. */
  static CheckReport watched(Path base, boolean repair, Watcher watcher) throws IOException {
    return DirectoryCheck.of(base)
        .run(new DirectoryCheck.Options(repair, 1, 100), Checks::thread, watcher);
  }

  static CheckReport run(
      Path base, boolean repair, CheckWatcher watcher, Clock clock, FileLocks.Locker locker)
      throws IOException {
    return DirectoryCheck.of(base)
        .run(
            new DirectoryCheck.Options(repair, THREADS, 100),
            Checks::thread,
            watcher,
            clock,
            locker);
  }

  static Thread thread(Runnable task) {
    return new Thread(task, "test-fsck");
  }

  /** How many files of each kind that there are. */
  static Map<CheckKind, Long> files(CheckReport report) {
    Map<CheckKind, Long> files = new EnumMap<>(CheckKind.class);
    report
        .tallies()
        .forEach(
            (kind, tally) -> {
              if (tally.files() > 0) {
                files.put(kind, tally.files());
              }
            });
    return files;
  }

  /** The names of what is wrong. */
  static List<String> names(CheckReport report) {
    return report.findings().stream().map(f -> f.path().getFileName().toString()).toList();
  }
}
