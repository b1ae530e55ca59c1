// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import static io.lmcache.adapter.Keys.salted;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.AdapterUsage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class AccountingTest {

  private final Accounting accounting = new Accounting(Capacity.of(1000), 0.8);

  @Test
  void startsAtNothing() {
    assertThat(accounting.usage(true)).isEqualTo(new AdapterUsage(0, 0, 0, 1000, true, Map.of()));
  }

  @Test
  void countsWhatIsStoredInAllAndBySalt() {
    accounting.added(salted(1, ""), 100);
    accounting.added(salted(2, "tenant"), 20);
    accounting.added(salted(3, "tenant"), 3);
    accounting.added(salted(4, "empty"), 0);

    assertThat(accounting.usage(false))
        .isEqualTo(new AdapterUsage(123, 4, 0, 1000, false, Map.of("", 100L, "tenant", 23L)));
  }

  @Test
  void aSaltDisappearsWithItsLastByte() {
    accounting.added(salted(1, "tenant"), 20);
    accounting.added(salted(2, "tenant"), 3);

    accounting.removed(salted(1, "tenant"), 20);
    assertThat(accounting.usage(false).bytesBySalt()).isEqualTo(Map.of("tenant", 3L));
    accounting.removed(salted(2, "tenant"), 3);
    assertThat(accounting.usage(false)).isEqualTo(new AdapterUsage(0, 0, 0, 1000, false, Map.of()));
  }

  @Test
  void emptyObjectsCountAsObjectsOnly() {
    accounting.added(salted(1, "tenant"), 0);
    accounting.added(salted(2, "tenant"), 5);
    accounting.removed(salted(2, "tenant"), 5);

    assertThat(accounting.usage(false)).isEqualTo(new AdapterUsage(0, 1, 0, 1000, false, Map.of()));
    accounting.removed(salted(1, "tenant"), 0);
    assertThat(accounting.usage(false).storedObjects()).isZero();
  }

  @Test
  void aRemovalThatIsToldBeforeItsStoreEvensOut() {
    accounting.removed(salted(1, "tenant"), 7);
    assertThat(accounting.usage(false).bytesBySalt()).isEmpty();

    accounting.added(salted(1, "tenant"), 7);
    accounting.added(salted(1, "tenant"), 7);
    assertThat(accounting.usage(false))
        .isEqualTo(new AdapterUsage(7, 1, 0, 1000, false, Map.of("tenant", 7L)));
  }

  @Test
  void theFractionCountsWhatIsBeingWritten() {
    accounting.added(salted(1, ""), 250);
    assertThat(accounting.usage(false).fraction()).isEqualTo(0.25);
    accounting.reserve(500);
    assertThat(accounting.usage(false).fraction()).isEqualTo(0.75);
    accounting.reserve(500);
    assertThat(accounting.usage(false).fraction()).isEqualTo(1.25);
    accounting.unreserve(500);
    accounting.unreserve(500);
    assertThat(accounting.usage(false).inFlightBytes()).isZero();
    assertThat(accounting.usage(false).fraction()).isEqualTo(0.25);
  }

  @Test
  void withoutACapacityThereIsNoFraction() {
    Accounting unlimited = new Accounting(Capacity.of(0), 1);
    unlimited.added(salted(1, ""), 250);

    assertThat(unlimited.usage(false).fraction()).isEqualTo(-1.0);
  }

  @Test
  void overTheWatermarkCountsWhatIsBeingWritten() {
    assertThat(accounting.overWatermark()).isFalse();
    accounting.added(salted(1, ""), 500);
    accounting.reserve(299);
    assertThat(accounting.overWatermark()).isFalse();
    accounting.reserve(1);
    assertThat(accounting.overWatermark()).as("800 of 1000 at 0.8").isTrue();
    accounting.unreserve(300);
    assertThat(accounting.overWatermark()).isFalse();
    accounting.added(salted(2, ""), 300);
    assertThat(accounting.overWatermark()).isTrue();
    accounting.removed(salted(2, ""), 300);
    assertThat(accounting.overWatermark()).isFalse();
  }

  @Test
  void withoutACapacityThereIsNeverTooMuch() {
    Accounting unlimited = new Accounting(Capacity.of(0), 0.8);
    unlimited.added(salted(1, ""), Long.MAX_VALUE / 2);

    assertThat(unlimited.overWatermark()).isFalse();
  }

  @Test
  void aCapacityMayDependOnWhatIsStored() {
    long[] headroom = {200};
    Accounting shrinking = new Accounting(stored -> Math.max(1, stored + headroom[0]), 0.8);
    shrinking.added(salted(1, ""), 600);
    assertThat(shrinking.usage(false).capacityBytes()).isEqualTo(800);
    assertThat(shrinking.overWatermark()).as("600 of 800 at 0.8").isFalse();
    headroom[0] = 150;
    assertThat(shrinking.usage(false).capacityBytes()).isEqualTo(750);
    assertThat(shrinking.overWatermark()).as("600 of 750 at 0.8").isTrue();
    headroom[0] = -600;
    assertThat(shrinking.usage(false).capacityBytes()).isEqualTo(1);
    assertThat(shrinking.overWatermark()).isTrue();
  }

  @Test
  void aUsageIsASnapshot() {
    accounting.added(salted(1, ""), 1);
    AdapterUsage before = accounting.usage(false);

    accounting.added(salted(2, "tenant"), 2);

    assertThat(before).isEqualTo(new AdapterUsage(1, 1, 0, 1000, false, Map.of("", 1L)));
  }

  @Test
  void noThreadSeesHalfAChangeAndSumsAreExact() throws Exception {
    int rounds = 50_000;
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      AtomicBoolean done = new AtomicBoolean();
      Future<Integer> reader =
          threads.submit(
              () -> {
                int seen = 0;
                while (!done.get()) {
                  AdapterUsage usage = accounting.usage(false);
                  long sum = usage.bytesBySalt().values().stream().mapToLong(b -> b).sum();
                  // Each object has 3 bytes.
                  assertThat(sum).isEqualTo(usage.storedBytes());
                  assertThat(usage.storedObjects() * 3).isEqualTo(usage.storedBytes());
                  seen += usage.storedBytes() > 0 ? 1 : 0;
                }
                return seen;
              });
      List<Callable<Integer>> loops = new ArrayList<>();
      for (int t = 0; t < 3; t++) {
        Random random = new Random(t);
        loops.add(() -> addAndRemove(rounds, random));
      }
      int kept = 0;
      for (Future<Integer> loop : threads.invokeAll(loops, 120, TimeUnit.SECONDS)) {
        kept += loop.get();
      }
      done.set(true);

      assertThat(reader.get(120, TimeUnit.SECONDS)).isGreaterThan(100);
      AdapterUsage usage = accounting.usage(false);
      assertThat(kept).isGreaterThan(rounds / 10);
      assertThat(usage.storedObjects()).isEqualTo(kept);
      assertThat(usage.storedBytes()).isEqualTo(3L * kept);
      assertThat(usage.inFlightBytes()).isZero();
      assertThat(usage.bytesBySalt()).containsOnlyKeys("", "salt1", "salt2", "salt3");
    } finally {
      threads.shutdownNow();
    }
  }

  private int addAndRemove(int rounds, Random random) {
    int kept = 0;
    for (int i = 0; i < rounds; i++) {
      int n = random.nextInt(4);
      String salt = n == 0 ? "" : "salt" + n;
      accounting.reserve(3);
      accounting.added(salted(i, salt), 3);
      accounting.unreserve(3);
      if (random.nextInt(4) == 0) {
        kept++;
      } else {
        accounting.removed(salted(i, salt), 3);
      }
    }
    return kept;
  }
}
