// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static io.lmcache.l2.fs.Raw.key;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.KeyEntry;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A walk while others add, replace and delete: what was there all the time is seen exactly once,
 * the rest at most once, and nothing fails.
 */
final class ObjectDirectoryScanTest {

  private static final int STEADY = 300;
  private static final int COMING_AND_GOING = 200;
  private static final int WALKS_BESIDE_CHANGES = 24;
  private static final long HANG_SECONDS = 120;

  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private final AtomicBoolean done = new AtomicBoolean();
  private final AtomicInteger added = new AtomicInteger();
  private final AtomicInteger replaced = new AtomicInteger();
  private final AtomicInteger deleted = new AtomicInteger();

  @AfterEach
  void endThread() {
    thread.shutdownNow();
  }

  private interface Walk {
    Map<ObjectKey, Integer> timesSeen(int round) throws IOException;
  }

  @Test
  void pagesKeepTheirWord(@TempDir Path base) throws Exception {
    ObjectDirectory directory = TestDirectory.open(base, "tmp");

    Map<ObjectKey, Integer> passing =
        walkBesideChanges(
            directory,
            round -> {
              Map<ObjectKey, Integer> seen = new HashMap<>();
              int pageSize = new int[] {7, 50, 1000}[round % 3];
              for (@Nullable ListRequest request = ListRequest.first(pageSize); request != null; ) {
                KeyPage page = directory.page(request);
                for (KeyEntry entry : page.entries()) {
                  seen.merge(entry.key(), 1, Integer::sum);
                }
                request = request.after(page);
              }
              return seen;
            });

    assertThat(passing.values()).as("seen twice in one walk").allMatch(times -> times == 1);
  }

  @Test
  void visitsKeepTheirWord(@TempDir Path base) throws Exception {
    ObjectDirectory directory = TestDirectory.open(base, "tmp");

    // A file that is deleted and comes back meanwhile may be met twice: no memory of the names.
    walkBesideChanges(
        directory,
        round -> {
          Map<ObjectKey, Integer> seen = new HashMap<>();
          directory.forEach(object -> seen.merge(object.key(), 1, Integer::sum));
          return seen;
        });
  }

  /** How often keys that come and go were seen in a walk, at most. */
  private Map<ObjectKey, Integer> walkBesideChanges(ObjectDirectory directory, Walk walk)
      throws Exception {
    Set<ObjectKey> steady = new HashSet<>();
    Set<ObjectKey> comingAndGoing = new HashSet<>();
    for (int n = 0; n < STEADY; n++) {
      steady.add(key(n % 2 == 0 ? "steady" : "größe", n));
    }
    for (int n = 0; n < COMING_AND_GOING; n++) {
      comingAndGoing.add(key(n % 2 == 0 ? "a" : "模", n));
    }
    for (ObjectKey key : steady) {
      Raw.put(directory.base(), key, 1);
    }
    ObjectKey[] changing = comingAndGoing.toArray(ObjectKey[]::new);
    Future<?> changes =
        thread.submit(
            () -> {
              change(directory, changing);
              return null;
            });
    Map<ObjectKey, Integer> most = new HashMap<>();
    try {
      int beside = 0;
      long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(HANG_SECONDS);
      for (int round = 0; beside < WALKS_BESIDE_CHANGES || !enoughHasChanged(); round++) {
        int before = added.get() + deleted.get();
        Map<ObjectKey, Integer> seen = walk.timesSeen(round);
        beside += added.get() + deleted.get() > before + 1 ? 1 : 0;

        for (ObjectKey key : steady) {
          assertThat(seen.remove(key)).as("%s in walk %s", key, round).isEqualTo(1);
        }
        assertThat(comingAndGoing).containsAll(seen.keySet());
        seen.forEach((key, times) -> most.merge(key, times, Math::max));
        assertThat(System.nanoTime()).as("nothing changes").isLessThan(limit);
        assertThat(changes.isDone()).as("changes go on").isFalse();
      }
    } finally {
      done.set(true);
    }
    changes.get(HANG_SECONDS, TimeUnit.SECONDS);
    assertThat(most).as("keys seen that came and went").hasSizeGreaterThan(COMING_AND_GOING / 2);
    return most;
  }

  private boolean enoughHasChanged() {
    return Math.min(added.get(), Math.min(replaced.get(), deleted.get())) > COMING_AND_GOING;
  }

  private void change(ObjectDirectory directory, ObjectKey[] keys) throws Exception {
    Random random = new Random(1);
    while (!done.get()) {
      ObjectKey key = keys[random.nextInt(keys.length)];
      Path path = Raw.path(directory.base(), ObjectFileNames.encode(key));
      if (random.nextInt(3) == 0) {
        deleted.addAndGet(Files.deleteIfExists(path) ? 1 : 0);
      } else {
        boolean again = Files.exists(path);
        Path staged = directory.staging().resolve(directory.stagingPrefix() + "1.tmp");
        Files.write(staged, new byte[3]);
        Files.move(staged, path, StandardCopyOption.ATOMIC_MOVE);
        (again ? replaced : added).incrementAndGet();
      }
    }
  }
}
