// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.spi.AdapterStatus;
import io.lmcache.spi.FailureCount;
import io.lmcache.spi.Health;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2AdapterListener;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Failures that are not counted, or that the health of the adapter does not show. */
final class HealthMutants {

  private HealthMutants() {}

  static List<Mutant> all() {
    return List.of(
        status("STATUS-2", "OK though its storage fails", s -> health(s, Health.OK, "")),
        degradedAtTheFirstFailure(),
        degradedForEver(),
        misjudging(MisjudgingAdapter.Fault.ONE_COUNT),
        misjudging(MisjudgingAdapter.Fault.RUN_GOES_ON),
        misjudging(MisjudgingAdapter.Fault.FORGETS_NOTHING),
        status("STATUS-2", "DEGRADED with no word why", s -> health(s, s.health(), "it is")),
        status("FAIL-3", "failures are not counted", s -> failures(s, List.of())),
        status("FAIL-3", "failures are counted twice", s -> failures(s, twice(s.failures()))),
        status("FAIL-3", "failures are counted under one name", s -> failures(s, merged(s))),
        countsWhatFailsAfterClose(),
        hearing("EVENT-9", "health is told to nobody", Deaf::new),
        hearing("EVENT-9", "health is told twice", Twice::new),
        hearing("EVENT-9", "health is told without the reason", Silent::new));
  }

  private static AdapterStatus health(AdapterStatus s, Health health, String reason) {
    return s.health() == Health.DEGRADED ? with(s, health, reason, s.failures()) : s;
  }

  private static AdapterStatus failures(AdapterStatus s, List<FailureCount> failures) {
    return with(s, s.health(), s.reason(), failures);
  }

  static AdapterStatus with(
      AdapterStatus s, Health health, String reason, List<FailureCount> failures) {
    return new AdapterStatus(health, reason, s.pinnedKeys(), s.leases(), failures, s.details());
  }

  private static List<FailureCount> twice(List<FailureCount> failures) {
    return failures.stream()
        .map(f -> new FailureCount(f.operation(), f.error(), 2 * f.count()))
        .toList();
  }

  private static List<FailureCount> merged(AdapterStatus s) {
    long sum = s.failures().stream().mapToLong(FailureCount::count).sum();
    return sum == 0 ? List.of() : List.of(new FailureCount("any", "EIO", sum));
  }

  private static Mutant status(String rule, String fault, UnaryOperator<AdapterStatus> change) {
    return new Mutant(rule, fault) {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new ForwardingAdapter(adapter) {
          @Override
          public AdapterStatus status() {
            return change.apply(super.status());
          }
        };
      }
    };
  }

  private static Mutant degradedAtTheFirstFailure() {
    return status(
        "STATUS-2",
        "DEGRADED at the first failure",
        s ->
            s.health() != Health.OK || s.failures().isEmpty()
                ? s
                : with(s, Health.DEGRADED, "a key failed", s.failures()));
  }

  private static Mutant degradedForEver() {
    return new Mutant("STATUS-2", "once DEGRADED it stays so") {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new ForwardingAdapter(adapter) {
          private AdapterStatus worst = super.status();

          @Override
          public synchronized AdapterStatus status() {
            AdapterStatus now = super.status();
            if (now.health() == Health.DEGRADED) {
              worst = now;
            }
            return now.health() == Health.OK && worst.health() == Health.DEGRADED
                ? with(now, worst.health(), worst.reason(), now.failures())
                : now;
          }
        };
      }
    };
  }

  private static Mutant misjudging(MisjudgingAdapter.Fault fault) {
    return new Mutant("STATUS-2", fault.toString()) {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new MisjudgingAdapter(adapter, fault);
      }
    };
  }

  private static Mutant countsWhatFailsAfterClose() {
    return status(
        "FAIL-3",
        "what fails after close is counted",
        s -> {
          if (s.health() != Health.CLOSED) {
            return s;
          }
          List<FailureCount> more = new ArrayList<>(s.failures());
          more.add(new FailureCount("delete", "CLOSED", 1));
          return failures(s, more);
        });
  }

  private static Mutant hearing(
      String rule, String fault, UnaryOperator<L2AdapterListener> change) {
    return new Mutant(rule, fault) {
      @Override
      L2AdapterContext context(L2AdapterContext context) {
        return new ForwardingContext(context) {
          @Override
          public L2AdapterListener listener() {
            return change.apply(super.listener());
          }
        };
      }
    };
  }

  private static final class Deaf extends ForwardingListener {
    Deaf(L2AdapterListener sound) {
      super(sound);
    }

    @Override
    public void healthChanged(Health health, String reason) {}
  }

  private static final class Twice extends ForwardingListener {
    Twice(L2AdapterListener sound) {
      super(sound);
    }

    @Override
    public void healthChanged(Health health, String reason) {
      super.healthChanged(health, reason);
      super.healthChanged(health, reason);
    }
  }

  private static final class Silent extends ForwardingListener {
    Silent(L2AdapterListener sound) {
      super(sound);
    }

    @Override
    public void healthChanged(Health health, String reason) {
      super.healthChanged(health, "");
    }
  }
}
