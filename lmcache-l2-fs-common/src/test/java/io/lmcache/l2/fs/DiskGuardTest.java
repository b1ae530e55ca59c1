// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A file system of 1000 bytes, whose readings are given one by one, and a clock that is moved. */
@Timeout(60)
final class DiskGuardTest {

  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final AtomicLong clock = new AtomicLong(5);
  private final AtomicInteger readings = new AtomicInteger();
  private final BlockingQueue<DiskSpace> answers = new ArrayBlockingQueue<>(10);
  private volatile Thread thread = Thread.currentThread();

  private static final DiskSpace FAILURE = new DiskSpace(-1, -1);

  private static DiskSpace used(long bytes) {
    return new DiskSpace(bytes, 1000 - bytes);
  }

  private DiskSpace read() throws IOException {
    readings.incrementAndGet();
    try {
      DiskSpace answer = answers.poll(50, TimeUnit.SECONDS);
      if (answer == null || answer.equals(FAILURE)) {
        throw new IOException("no reading");
      }
      return answer;
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private DiskGuard guard(double watermark, long minFree, DiskSpace first) throws IOException {
    answers.add(first);
    return new DiskGuard(
        500,
        watermark,
        minFree,
        this::read,
        clock::get,
        work -> {
          thread = new Thread(work);
          thread.setDaemon(true);
          return thread;
        },
        "test");
  }

  private static String headroom(DiskGuard guard) {
    Map<String, String> details = new LinkedHashMap<>();
    guard.addTo(details);
    return String.valueOf(details.get("disk_headroom_bytes"));
  }

  /** Waits for the thread's reading; the test's time-out ends it otherwise. */
  private static void awaitHeadroom(DiskGuard guard, String expected) {
    while (!headroom(guard).equals(expected)) {
      Thread.onSpinWait();
    }
  }

  @Test
  void theCapacityIsWhatIsHeldAndWhatIsLeftButNoMoreThanConfigured() throws Exception {
    try (DiskGuard guard = guard(0.9, 0, used(600))) {
      assertThat(guard.bytes(0)).isEqualTo(300);
      assertThat(guard.bytes(100)).isEqualTo(400);
      assertThat(guard.bytes(200)).isEqualTo(500);
      assertThat(guard.bytes(400)).isEqualTo(500);
      assertThat(guard.bytes(Long.MAX_VALUE)).isEqualTo(500);
    }
  }

  @Test
  void beyondTheLimitItIsLessThanIsHeldAndNever0() throws Exception {
    try (DiskGuard guard = guard(0, 500, used(700))) {
      assertThat(headroom(guard)).isEqualTo("-200");
      assertThat(guard.bytes(300)).isEqualTo(100);
      assertThat(guard.bytes(200)).as("0 would be no limit").isEqualTo(1);
      assertThat(guard.bytes(0)).isEqualTo(1);
    }
  }

  /** An eviction that lowered what it is measured against would never end. */
  @Test
  void storesAndDeletesDoNotMoveIt() throws Exception {
    try (DiskGuard guard = guard(0.9, 0, used(600))) {
      assertThat(guard.bytes(100)).isEqualTo(400);
      guard.changed(-70);
      assertThat(guard.bytes(30)).as("after a delete").isEqualTo(400);
      guard.changed(170);
      assertThat(guard.bytes(200)).as("after a store").isEqualTo(400);
      // What the scan finds was there all the time.
      assertThat(guard.bytes(250)).isEqualTo(450);

      answers.add(used(650));
      clock.addAndGet(SECOND);
      assertThat(guard.bytes(250)).as("the next reading is asked for").isEqualTo(450);
      awaitHeadroom(guard, "250");
      assertThat(guard.bytes(150)).as("of it the store is a part").isEqualTo(400);
      guard.changed(-150);
      assertThat(guard.bytes(0)).isEqualTo(400);
    }
  }

  @Test
  void whatIsTakenBackBeforeItWasKnownIsNotHeld() throws Exception {
    try (DiskGuard guard = guard(0.9, 0, used(600))) {
      guard.changed(100);
      assertThat(guard.bytes(50)).isEqualTo(300);
    }
  }

  @Test
  void aReadingIsGoodForASecondAndNobodyWaitsForTheNext() throws Exception {
    try (DiskGuard guard = guard(0.9, 0, used(600))) {
      clock.addAndGet(SECOND - 1);
      assertThat(guard.bytes(0)).isEqualTo(300);
      assertThat(readings).hasValue(1);
      clock.addAndGet(1);
      // The reader has no answer yet, and who asks gets the last one.
      for (int i = 0; i < 100; i++) {
        assertThat(guard.bytes(0)).isEqualTo(300);
      }
      answers.add(used(800));
      awaitHeadroom(guard, "100");
      assertThat(guard.bytes(0)).isEqualTo(100);
      assertThat(readings).as("one for all who asked").hasValue(2);
    }
  }

  @Test
  void aReadingThatFailsLimitsNothingUntilOneSucceeds() throws Exception {
    try (DiskGuard guard = guard(0.9, 0, used(600))) {
      answers.add(FAILURE);
      clock.addAndGet(SECOND);
      assertThat(guard.bytes(0)).isEqualTo(300);
      awaitHeadroom(guard, "unknown");
      assertThat(guard.bytes(0)).isEqualTo(500);
      answers.add(used(600));
      clock.addAndGet(SECOND);
      assertThat(guard.bytes(0)).isEqualTo(500);
      awaitHeadroom(guard, "300");
      assertThat(guard.bytes(0)).isEqualTo(300);
    }
  }

  @Test
  void closeEndsTheThreadAndLeavesTheLastReading() throws Exception {
    DiskGuard guard = guard(0.9, 0, used(600));
    assertThat(thread.getName()).isEqualTo("lmc-disk");
    assertThat(thread.isAlive()).isTrue();
    guard.close();
    guard.close();
    assertThat(thread.isAlive()).isFalse();
    clock.addAndGet(10 * SECOND);
    assertThat(guard.bytes(0)).isEqualTo(300);
    assertThat(readings).hasValue(1);
  }

  @Test
  void closeWaitsForAReadingThatIsUnderWay() throws Exception {
    DiskGuard guard = guard(0.9, 0, used(600));
    clock.addAndGet(SECOND);
    assertThat(guard.bytes(0)).isEqualTo(300);
    while (readings.get() < 2) {
      Thread.onSpinWait();
    }
    answers.add(used(700));
    guard.close();
    assertThat(thread.isAlive()).isFalse();
    assertThat(headroom(guard)).isEqualTo("200");
  }

  @Test
  void detailsTellTheLimits() throws Exception {
    try (DiskGuard guard = guard(0.75, 30, used(600))) {
      Map<String, String> details = new LinkedHashMap<>();
      guard.addTo(details);
      assertThat(details)
          .containsEntry("disk_high_watermark", "0.75")
          .containsEntry("disk_min_free_bytes", "30")
          .containsEntry("disk_headroom_bytes", "150")
          .hasSize(3);
    }
  }

  @Test
  void aLimitThatLimitsNothingIsToldOf() throws Exception {
    try (DiskGuard guard = guard(0.75, 0, FAILURE)) {
      Map<String, String> details = new LinkedHashMap<>();
      guard.addTo(details);
      assertThat(details)
          .containsEntry(
              "disk_high_watermark",
              "requested=0.75 effective=false reason=the free space of the file system is unknown")
          .containsEntry("disk_min_free_bytes", "0")
          .containsEntry("disk_headroom_bytes", "unknown");
    }
  }

  @Test
  void aThreadThatCannotBeStartedFailsTheOpen() {
    answers.add(used(600));
    assertThatIOException()
        .isThrownBy(
            () ->
                new DiskGuard(
                    500, 0.9, 0, this::read, clock::get, work -> new Unstartable(), "test"))
        .withMessageContainingAll("disk's free space", "no more threads", "ulimit -u");
  }

  private static final class Unstartable extends Thread {
    @Override
    @SuppressWarnings("UnsynchronizedOverridesSynchronized")
    public void start() {
      throw new OutOfMemoryError("planned: no more threads");
    }
  }
}
