// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import com.sun.management.OperatingSystemMXBean;
import io.lmcache.spi.L2AdapterListener;
import io.lmcache.spi.ObjectKey;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;

/**
 * Opens a directory that {@link ScaleFiles} filled and says what was seen, in words of the form
 * {@code name=number}. Arguments: engine, directory, number of files, and {@code lookups} to look
 * keys up until the scan is over or {@code quiet} to let it alone.
 */
final class ScaleProgram {

  /** What the listener heard; it keeps no keys, since memory is what is measured. */
  private static final class Heard implements L2AdapterListener {

    private final long count;
    private final Instant opened = Instant.now();
    private final BitSet keys = new BitSet();
    private final CountDownLatch all = new CountDownLatch(1);
    private Instant last = Instant.MIN;
    private long recovered;
    private long met;
    private long outOfOrder;
    private long wrong;

    Heard(long count) {
      this.count = count;
    }

    @Override
    public synchronized void recovered(
        List<ObjectKey> found, List<Long> sizes, List<Instant> lastModified) {
      for (int i = 0; i < found.size(); i++) {
        long n = ScaleFiles.number(found.get(i));
        boolean right =
            found.get(i).equals(ScaleFiles.key(n))
                && sizes.get(i) == ScaleFiles.size(n)
                && !keys.get((int) n);
        if (lastModified.get(i).isBefore(opened)) {
          right &= lastModified.get(i).equals(ScaleFiles.lastModified(n, count));
          outOfOrder += lastModified.get(i).isAfter(last) ? 0 : 1;
          last = lastModified.get(i);
        } else {
          met++; // By a lookup, before the scan came to it: as old as that.
        }
        wrong += right ? 0 : 1;
        keys.set((int) n);
        recovered++;
      }
      if (recovered >= count) {
        all.countDown();
      }
    }

    @Override
    public synchronized String toString() {
      return " recovered="
          + recovered
          + " met="
          + met
          + " outOfOrder="
          + outOfOrder
          + " wrong="
          + wrong;
    }
  }

  private ScaleProgram() {}

  private static long usedAfterCollection() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  /** What the whole process has used; other processes make the scan longer, but not this. */
  private static long cpuNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static long millisSince(long nanos) {
    return (System.nanoTime() - nanos) / 1_000_000;
  }

  @SuppressWarnings("SystemOut")
  public static void main(String[] args) throws Exception {
    Engine engine = Engine.valueOf(args[0]);
    Path base = Path.of(args[1]);
    long count = Long.parseLong(args[2]);
    try (FileAdapter small = FileAdapter.open(engine, base.resolveSibling("warm-" + engine))) {
      small.lookup(ScaleFiles.key(0)); // Classes and pools are not what a key costs.
    }
    Heard heard = new Heard(count);
    long open = opened(engine, base, heard, args[3].equals("quiet"));
    long heapPerKey = (open - usedAfterCollection()) / count;
    System.out.println("heapPerKey=" + heapPerKey + heard);
  }

  /** Says how much heap is used while the adapter is open. */
  @SuppressWarnings("SystemOut")
  private static long opened(Engine engine, Path base, Heard heard, boolean quiet)
      throws Exception {
    long cpuBefore = cpuNanos();
    long began = System.nanoTime();
    try (FileAdapter adapter = FileAdapter.open(engine, base, heard)) {
      System.out.print("openMillis=" + millisSince(began) + " ");
      if (!quiet) {
        System.out.print(lookUpDuringScan(adapter, heard.count));
      }
      heard.all.await();
      while (adapter.usage().recovering()) {
        Thread.onSpinWait(); // It has just said everything.
      }
      System.out.print("scanMillis=" + millisSince(began) + " ");
      System.out.print("cpuMillis=" + (cpuNanos() - cpuBefore) / 1_000_000 + " ");
      System.out.print("stored=" + adapter.usage().storedObjects() + " ");
      return usedAfterCollection();
    }
  }

  private static String lookUpDuringScan(FileAdapter adapter, long count) {
    SplittableRandom random = new SplittableRandom(1);
    long during = 0;
    long missed = 0;
    long longestNanos = 0;
    while (adapter.usage().recovering()) {
      long n = random.nextLong(count);
      long asked = System.nanoTime();
      Long size = adapter.lookup(ScaleFiles.key(n));
      longestNanos = Math.max(longestNanos, System.nanoTime() - asked);
      missed += size != null && size == ScaleFiles.size(n) ? 0 : 1;
      during += adapter.usage().recovering() ? 1 : 0;
    }
    return "duringScan="
        + during
        + " missed="
        + missed
        + " longestMicros="
        + longestNanos / 1000
        + " ";
  }
}
