// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import io.lmcache.adapter.Capacity;
import io.lmcache.adapter.ThreadFailure;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ThreadFactory;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lowers the capacity where the file system itself is nearly full: the adapter may hold what it
 * held when that was last read and what was left up to the limits then, and no more. So it is the
 * same before and after stores and deletes. Nothing is refused; eviction does the rest.
 *
 * <p><b>Threads.</b> Any may ask; nobody who asks waits for the file system. A reading is good for
 * a second: whoever asks later wakes a thread that reads again, and is answered with the last one.
 * That thread sleeps until it is woken, so an adapter that nobody asks does nothing, and it ends at
 * {@link #close}, which waits for a reading that is under way.
 *
 * <p>A reading that fails limits nothing, and is logged once until one succeeds again.
 */
public final class DiskGuard implements Capacity, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(DiskGuard.class);
  private static final long GOOD_FOR_NANOS = Duration.ofSeconds(1).toNanos();

  private final long maxBytes;
  private final double highWatermark;
  private final long minFreeBytes;
  private final DiskSpace.Reader reader;
  private final LongSupplier nanoClock;
  private final String adapter;
  private final Thread thread;

  // All below are guarded by this.
  private @Nullable Long headroom;
  private long changedBytes; // by the adapter, since the last reading
  private long readAt;
  private boolean wanted;
  private boolean failing;
  private boolean closed;

  /**
   * Reads once, and starts the thread that reads again.
   *
   * @param maxBytes the capacity whatever the file system says; positive
   * @param highWatermark the fraction of the file system that may be used; 0 for no such limit
   * @param minFreeBytes what must stay available; 0 for no such limit
   * @param adapter what log messages call the adapter
   * @throws IOException if the thread cannot be started
   */
  public DiskGuard(
      long maxBytes,
      double highWatermark,
      long minFreeBytes,
      DiskSpace.Reader reader,
      LongSupplier nanoClock,
      ThreadFactory threads,
      String adapter)
      throws IOException {
    this.maxBytes = maxBytes;
    this.highWatermark = highWatermark;
    this.minFreeBytes = minFreeBytes;
    this.reader = reader;
    this.nanoClock = nanoClock;
    this.adapter = adapter;
    this.thread = threads.newThread(this::readWhenWanted);
    thread.setName("lmc-disk");
    read();
    try {
      thread.start();
    } catch (RuntimeException | Error e) {
      throw ThreadFailure.of("the thread that reads the disk's free space", e);
    }
  }

  @Override
  public synchronized long bytes(long storedBytes) {
    if (!wanted && nanoClock.getAsLong() - readAt >= GOOD_FOR_NANOS) {
      wanted = true;
      notifyAll();
    }
    if (headroom == null) {
      return maxBytes;
    }
    // Then, also what was found only since.
    long held = Math.max(0, storedBytes - changedBytes);
    long limit = headroom > Long.MAX_VALUE - held ? maxBytes : held + headroom;
    // Never 0, which would mean that there is no limit at all.
    return Math.max(1, Math.min(maxBytes, limit));
  }

  @Override
  public synchronized void changed(long bytes) {
    changedBytes += bytes;
  }

  /** Tells the limits and the last reading. */
  public synchronized void addTo(Map<String, String> details) {
    details.put("disk_high_watermark", limit(highWatermark));
    details.put("disk_min_free_bytes", limit(minFreeBytes));
    details.put("disk_headroom_bytes", headroom == null ? "unknown" : headroom.toString());
  }

  private String limit(Number limit) {
    return headroom == null && limit.doubleValue() > 0
        ? Effect.ineffective(limit, "the free space of the file system is unknown")
        : limit.toString();
  }

  private void readWhenWanted() {
    while (awaitWanted()) {
      read();
    }
  }

  private synchronized boolean awaitWanted() {
    while (!wanted && !closed) {
      try {
        wait();
      } catch (InterruptedException e) {
        return false; // Nobody else has the thread, so this is how the JVM's owner ends it.
      }
    }
    return !closed;
  }

  private void read() {
    Long found = null;
    String failure = null;
    try {
      found = reader.read().headroom(highWatermark, minFreeBytes);
    } catch (IOException | RuntimeException e) {
      failure = e.toString();
    }
    boolean tell;
    synchronized (this) {
      headroom = found;
      // What is told of while it is read was done before, and is part of what was read.
      changedBytes = 0;
      readAt = nanoClock.getAsLong();
      wanted = false;
      tell = failure != null && !failing;
      failing = failure != null;
    }
    if (tell) {
      log.warn(
          "{}: the free space of the file system is unknown, so disk_high_watermark and"
              + " disk_min_free_gb limit nothing: {}",
          adapter,
          failure);
    }
  }

  /** Ends the thread. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
