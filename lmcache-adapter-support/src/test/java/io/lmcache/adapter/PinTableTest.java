// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import static io.lmcache.adapter.Keys.key;
import static io.lmcache.adapter.Keys.keys;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lmcache.spi.Hit;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.LeaseInfo;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Retry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PinTableTest {

  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  private static final L2Error BROKEN = L2Error.of(L2ErrorCode.IO, Retry.LATER, "broken");

  private record Found(long sizeBytes, boolean sizeExact) implements Hit {}

  private final PinTable pins = new PinTable();

  @Test
  void hitsArePinnedAndMissesAreNot() {
    LookupLease lease =
        pins.lease(
            keys(1, 2, 3),
            new @Nullable Hit[] {new Found(10, true), null, new Found(30, false)},
            new @Nullable L2Error[] {null, BROKEN, null},
            true,
            "worker",
            NOON);

    assertThat(pins.isPinned(key(1))).isTrue();
    assertThat(pins.isPinned(key(2))).isFalse();
    assertThat(pins.isPinned(key(3))).isTrue();
    assertThat(pins.pinnedKeys()).isEqualTo(2);
    assertThat(lease.size()).isEqualTo(3);
    assertThat(lease.hit(0)).isTrue();
    assertThat(lease.hit(1)).isFalse();
    assertThat(lease.hit(2)).isTrue();
    assertThat(lease.get(0)).isEqualTo(new Found(10, true));
    assertThat(lease.get(2)).isEqualTo(new Found(30, false));
    assertThat(lease.error(0)).isNull();
    assertThat(lease.error(1)).isSameAs(BROKEN);
    assertThat(lease.since()).isEqualTo(NOON);
  }

  @Test
  void whatIsNoHitCannotBeGot() {
    LookupLease lease = allHit(keys(1), true);
    LookupLease miss =
        pins.lease(keys(2), new @Nullable Hit[1], new @Nullable L2Error[1], true, "worker", NOON);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> miss.get(0))
        .withMessageContaining("key 0")
        .withMessageContaining(key(2).toString());
    assertThatThrownBy(() -> lease.get(1)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void aHitStaysReadableAfterItsPinIsGone() {
    LookupLease lease = allHit(keys(1), true);

    lease.close();

    assertThat(lease.hit(0)).isTrue();
    assertThat(lease.get(0).sizeBytes()).isEqualTo(100);
  }

  @Test
  void aKeyIsPinnedAsOftenAsLeasesHoldIt() {
    LookupLease first = allHit(keys(1, 2), true);
    LookupLease second = allHit(keys(1), true);
    LookupLease third = allHit(keys(2, 1), true);
    assertThat(pins.pinnedKeys()).isEqualTo(2);

    second.close();
    assertThat(pins.isPinned(key(1))).isTrue();
    first.release(0);
    assertThat(pins.isPinned(key(1))).isTrue();
    third.release(1);
    assertThat(pins.isPinned(key(1))).isFalse();
    assertThat(pins.isPinned(key(2))).isTrue();
    first.close();
    assertThat(pins.isPinned(key(2))).isTrue();
    third.close();
    assertNothingLeft();
  }

  @Test
  void lettingGoTwiceCountsOnce() {
    LookupLease keeper = allHit(keys(1, 2), true);
    LookupLease lease = allHit(keys(1, 2), true);

    lease.release(0);
    lease.release(0);
    assertThat(pins.isPinned(key(1))).isTrue();
    lease.close();
    lease.close();
    lease.release(1);
    assertThat(pins.isPinned(key(1))).isTrue();
    assertThat(pins.isPinned(key(2))).isTrue();
    assertThat(pins.leases()).containsExactly(new LeaseInfo("worker", NOON, 2));

    keeper.close();
    assertNothingLeft();
  }

  @Test
  void leasesAreNamedOldestFirstWithWhatTheyStillHold() {
    LookupLease first = allHit(keys(1, 2, 3), true, "first", NOON);
    LookupLease second = allHit(keys(1), true, "second", NOON.plusSeconds(1));
    assertThat(pins.leases())
        .containsExactly(
            new LeaseInfo("first", NOON, 3), new LeaseInfo("second", NOON.plusSeconds(1), 1));

    first.release(1);
    assertThat(pins.leases())
        .containsExactly(
            new LeaseInfo("first", NOON, 2), new LeaseInfo("second", NOON.plusSeconds(1), 1));
    first.release(0);
    first.release(2);
    assertThat(pins.leases()).containsExactly(new LeaseInfo("second", NOON.plusSeconds(1), 1));
    second.close();
    assertNothingLeft();
  }

  @Test
  void lookupsWithoutPinsLeaveNothing() {
    LookupLease lease = allHit(keys(1, 2), false);

    assertNothingLeft();
    assertThat(lease.hit(1)).isTrue();
    LookupLease pinned = allHit(keys(1), true);
    lease.release(0);
    lease.close();
    assertThat(pins.isPinned(key(1))).isTrue();
    pinned.close();
    assertNothingLeft();
  }

  @Test
  void lookupsWithoutHitsLeaveNothing() {
    pins.lease(keys(1, 2), new @Nullable Hit[2], new @Nullable L2Error[2], true, "worker", NOON);

    assertNothingLeft();
  }

  @Test
  void theLeaseKeepsItsOwnCopies() {
    List<ObjectKey> keys = new ArrayList<>(keys(1));
    @Nullable Hit[] hits = {new Found(1, true)};
    @Nullable L2Error[] errors = {null};
    LookupLease lease = pins.lease(keys, hits, errors, true, "worker", NOON);

    keys.set(0, key(2));
    hits[0] = null;
    errors[0] = BROKEN;

    assertThat(lease.hit(0)).isTrue();
    assertThat(lease.error(0)).isNull();
    lease.close();
    assertNothingLeft();
  }

  @Test
  void unequalLengthsPinNothing() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                pins.lease(
                    keys(1),
                    new @Nullable Hit[] {new Found(1, true), new Found(2, true)},
                    new @Nullable L2Error[2],
                    true,
                    "worker",
                    NOON));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                pins.lease(
                    keys(1, 2),
                    new @Nullable Hit[] {new Found(1, true), new Found(2, true)},
                    new @Nullable L2Error[1],
                    true,
                    "worker",
                    NOON));
    assertNothingLeft();
  }

  @Test
  void threadsThatShareLeasesLeaveNothing() throws Exception {
    int rounds = 20_000;
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      LookupLease[] shared = new LookupLease[16];
      List<Callable<Integer>> loops = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        Random random = new Random(t);
        loops.add(
            () -> {
              int pinned = 0;
              for (int i = 0; i < rounds; i++) {
                int slot = random.nextInt(shared.length);
                LookupLease old;
                synchronized (shared) {
                  old = shared[slot];
                }
                if (old != null) {
                  // Two threads may let go of the same lease at once.
                  old.release(random.nextInt(old.size()));
                  old.close();
                }
                LookupLease lease = allHit(keys(random.nextInt(4), 4 + random.nextInt(4)), true);
                synchronized (shared) {
                  old = shared[slot];
                  shared[slot] = lease;
                }
                if (old != null) {
                  old.close();
                }
                pinned += pins.pinnedKeys() > 0 ? 1 : 0;
              }
              return pinned;
            });
      }
      int pinned = 0;
      for (Future<Integer> loop : threads.invokeAll(loops, 120, TimeUnit.SECONDS)) {
        pinned += loop.get();
      }
      assertThat(pinned).isGreaterThan(rounds);
      assertThat(pins.leases()).hasSizeBetween(1, shared.length);
      for (LookupLease lease : shared) {
        if (lease != null) {
          lease.close();
        }
      }
      assertNothingLeft();
    } finally {
      threads.shutdownNow();
    }
  }

  private void assertNothingLeft() {
    assertThat(pins.pinnedKeys()).isZero();
    assertThat(pins.leases()).isEmpty();
    assertThat(pins.isPinned(key(1))).isFalse();
  }

  private LookupLease allHit(List<ObjectKey> keys, boolean pin) {
    return allHit(keys, pin, "worker", NOON);
  }

  private LookupLease allHit(List<ObjectKey> keys, boolean pin, String owner, Instant since) {
    @Nullable Hit[] hits = new Hit[keys.size()];
    for (int i = 0; i < hits.length; i++) {
      hits[i] = new Found(100 + i, true);
    }
    return pins.lease(keys, hits, new @Nullable L2Error[keys.size()], pin, owner, since);
  }
}
