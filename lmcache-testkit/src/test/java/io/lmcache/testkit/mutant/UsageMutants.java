// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.adapter.BlockingStorage;
import io.lmcache.spi.AdapterStatus;
import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.Health;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** Counts that are wrong or late, and a status that is. */
final class UsageMutants {

  private UsageMutants() {}

  static List<Mutant> all() {
    return List.of(
        skewed("the first object's size times their number", UsageMutants::firstTimesNumber),
        skewed("counts ALREADY_PRESENT", (q, r) -> bytes(q, r, StoreOutcome.ALREADY_PRESENT)),
        skewed("counts what FAILED", (q, r) -> bytes(q, r, StoreOutcome.FAILED)),
        replacementsAddUp(),
        of("USAGE-1", "counts objects twice", a -> new Changed(a, UsageMutants::twice)),
        of("USAGE-1", "takes absent keys off", a -> new TakesOff(a, DeleteOutcome.ABSENT)),
        of("USAGE-1", "takes pinned keys off", a -> new TakesOff(a, DeleteOutcome.PINNED)),
        salts("salts in lower case", s -> s.toLowerCase(Locale.ROOT)),
        salts("objects without a salt are under another name", s -> s.isEmpty() ? "none" : s),
        of("USAGE-2", "a salt that has come to nothing stays", ZeroSaltsStay::new),
        of("USAGE-3", "nothing is ever in flight", a -> new Changed(a, u -> inFlight(u, 0))),
        of("USAGE-3", "padding is in flight", PaddingInFlight::new),
        of("USAGE-3", "loads are in flight", LoadsInFlight::new),
        of("USAGE-3", "what was present stays in flight", StaysInFlight::new),
        of("USAGE-4", "a delete is counted after its stage", CountsLate::new),
        status("DEGRADED once a key was absent", Health.DEGRADED, "misses", Health.OK),
        status("a reason though all is well", Health.OK, "all well", Health.OK),
        status("OK after close", Health.OK, "", Health.CLOSED),
        status("no reason after close", Health.CLOSED, "", Health.CLOSED));
  }

  private static Mutant of(String rule, String fault, UnaryOperator<L2Adapter> change) {
    return new Mutant(rule, fault) {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return change.apply(adapter);
      }
    };
  }

  private static AdapterUsage stored(AdapterUsage u, long moreBytes, long moreObjects) {
    return new AdapterUsage(
        u.storedBytes() + moreBytes,
        u.storedObjects() + moreObjects,
        u.inFlightBytes(),
        u.capacityBytes(),
        u.recovering(),
        u.bytesBySalt());
  }

  private static AdapterUsage twice(AdapterUsage usage) {
    return stored(usage, 0, usage.storedObjects());
  }

  private static AdapterUsage inFlight(AdapterUsage u, long bytes) {
    return new AdapterUsage(
        u.storedBytes(),
        u.storedObjects(),
        bytes,
        u.capacityBytes(),
        u.recovering(),
        u.bytesBySalt());
  }

  /** Says another usage than the sound one. */
  private static class Changed extends ForwardingAdapter {
    private final UnaryOperator<AdapterUsage> change;

    Changed(L2Adapter sound, UnaryOperator<AdapterUsage> change) {
      super(sound);
      this.change = change;
    }

    @Override
    public AdapterUsage usage() {
      return change.apply(sound.usage());
    }
  }

  private interface Miscounted {
    long bytes(StoreRequest request, StoreResult result);
  }

  /** An adapter that counts so many bytes too many for each store. */
  private static Mutant skewed(String fault, Miscounted miscounted) {
    return of(
        "USAGE-1",
        fault,
        adapter -> {
          AtomicLong wrong = new AtomicLong();
          return new Changed(adapter, usage -> stored(usage, wrong.get(), 0)) {
            @Override
            public CompletionStage<StoreResult> store(StoreRequest request) {
              return sound
                  .store(request)
                  .thenApply(
                      result -> {
                        wrong.addAndGet(miscounted.bytes(request, result));
                        return result;
                      });
            }
          };
        });
  }

  private static long bytes(StoreRequest request, StoreResult result, StoreOutcome outcome) {
    return IntStream.range(0, result.size())
        .filter(i -> result.outcome(i) == outcome)
        .mapToLong(i -> request.items().get(i).object().sizeBytes())
        .sum();
  }

  private static long firstTimesNumber(StoreRequest request, StoreResult result) {
    long first = request.items().get(0).object().sizeBytes();
    return result.count(StoreOutcome.STORED) * first - bytes(request, result, StoreOutcome.STORED);
  }

  /** What is replaced stays counted. */
  private static Mutant replacementsAddUp() {
    return new Mutant("USAGE-1", "a replaced object stays counted") {
      private volatile AtomicLong last = new AtomicLong();

      @Override
      BlockingStorage storage(BlockingStorage storage) {
        AtomicLong replaced = new AtomicLong();
        last = replaced;
        return new ForwardingStorage(storage) {
          @Override
          public void put(ObjectKey key, MemoryObject object) throws IOException {
            replaced.addAndGet(super.stat(key).orElse(0));
            super.put(key, object);
          }
        };
      }

      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        AtomicLong replaced = last;
        return new Changed(adapter, usage -> stored(usage, replaced.get(), 0));
      }
    };
  }

  /** Takes off for each key of a delete that was left alone. */
  private static final class TakesOff extends ForwardingAdapter {
    private final DeleteOutcome outcome;
    private final AtomicLong objects = new AtomicLong();

    TakesOff(L2Adapter sound, DeleteOutcome outcome) {
      super(sound);
      this.outcome = outcome;
    }

    @Override
    public CompletionStage<DeleteResult> delete(DeleteRequest request) {
      return sound
          .delete(request)
          .thenApply(
              result -> {
                objects.addAndGet(result.count(outcome));
                return result;
              });
    }

    @Override
    public AdapterUsage usage() {
      return stored(sound.usage(), 0, -objects.get());
    }
  }

  private static AdapterUsage withSalts(AdapterUsage u, Map<String, Long> salts) {
    return new AdapterUsage(
        u.storedBytes(),
        u.storedObjects(),
        u.inFlightBytes(),
        u.capacityBytes(),
        u.recovering(),
        salts);
  }

  private static Mutant salts(String fault, UnaryOperator<String> name) {
    return of(
        "USAGE-2",
        fault,
        adapter ->
            new Changed(
                adapter,
                usage -> {
                  Map<String, Long> salts = new HashMap<>();
                  usage
                      .bytesBySalt()
                      .forEach((salt, bytes) -> salts.merge(name.apply(salt), bytes, Long::sum));
                  return withSalts(usage, salts);
                }));
  }

  private static final class ZeroSaltsStay extends ForwardingAdapter {
    private final Set<String> seen = ConcurrentHashMap.newKeySet();

    ZeroSaltsStay(L2Adapter sound) {
      super(sound);
    }

    @Override
    public AdapterUsage usage() {
      AdapterUsage usage = sound.usage();
      seen.addAll(usage.bytesBySalt().keySet());
      Map<String, Long> salts = new HashMap<>(usage.bytesBySalt());
      seen.forEach(salt -> salts.putIfAbsent(salt, 0L));
      return withSalts(usage, salts);
    }
  }

  /** Says more bytes in flight than there are. */
  private abstract static class MoreInFlight extends ForwardingAdapter {
    final AtomicLong bytes = new AtomicLong();

    MoreInFlight(L2Adapter sound) {
      super(sound);
    }

    @Override
    public AdapterUsage usage() {
      AdapterUsage usage = sound.usage();
      return inFlight(usage, usage.inFlightBytes() + bytes.get());
    }
  }

  private static final class PaddingInFlight extends MoreInFlight {
    PaddingInFlight(L2Adapter sound) {
      super(sound);
    }

    @Override
    public CompletionStage<StoreResult> store(StoreRequest request) {
      long padding =
          request.items().stream()
              .map(StoreItem::object)
              .mapToLong(object -> object.physicalBytes() - object.sizeBytes())
              .sum();
      bytes.addAndGet(padding);
      return sound.store(request).whenComplete((r, e) -> bytes.addAndGet(-padding));
    }
  }

  private static final class LoadsInFlight extends MoreInFlight {
    LoadsInFlight(L2Adapter sound) {
      super(sound);
    }

    @Override
    public CompletionStage<LoadResult> load(LoadRequest request) {
      long size = request.items().stream().mapToLong(item -> item.object().sizeBytes()).sum();
      bytes.addAndGet(size);
      return sound.load(request).whenComplete((r, e) -> bytes.addAndGet(-size));
    }
  }

  private static final class StaysInFlight extends MoreInFlight {
    StaysInFlight(L2Adapter sound) {
      super(sound);
    }

    @Override
    public CompletionStage<StoreResult> store(StoreRequest request) {
      return sound
          .store(request)
          .thenApply(
              result -> {
                boolean some =
                    result.count(StoreOutcome.STORED) > 0
                        && result.count(StoreOutcome.ALREADY_PRESENT) > 0;
                bytes.addAndGet(some ? 1 : 0);
                return result;
              });
    }
  }

  /** Who asks while a delete is completed is told what was before it. */
  private static final class CountsLate extends ForwardingAdapter {
    private static final ThreadLocal<AdapterUsage> BEFORE = new ThreadLocal<>();

    CountsLate(L2Adapter sound) {
      super(sound);
    }

    @Override
    public CompletionStage<DeleteResult> delete(DeleteRequest request) {
      AdapterUsage usage = sound.usage();
      CompletableFuture<DeleteResult> future = new CompletableFuture<>();
      sound
          .delete(request)
          .thenAccept(
              result -> {
                BEFORE.set(usage);
                future.complete(result);
                BEFORE.remove();
              });
      return future.minimalCompletionStage();
    }

    @Override
    public AdapterUsage usage() {
      AdapterUsage late = BEFORE.get();
      return late == null ? sound.usage() : late;
    }
  }

  /**
   * Says another health and reason than the sound one, where that says the given health; before
   * close only once a load has missed.
   */
  private static Mutant status(String fault, Health health, String reason, Health where) {
    return of(
        "STATUS-1",
        fault,
        adapter ->
            new ForwardingAdapter(adapter) {
              private volatile boolean missed;

              @Override
              public CompletionStage<LoadResult> load(LoadRequest request) {
                return sound
                    .load(request)
                    .thenApply(
                        result -> {
                          missed |= result.count(LoadOutcome.NOT_FOUND) > 0;
                          return result;
                        });
              }

              @Override
              public AdapterStatus status() {
                AdapterStatus status = sound.status();
                boolean here = status.health() == where && (where == Health.CLOSED || missed);
                return here
                    ? new AdapterStatus(
                        health,
                        reason,
                        status.pinnedKeys(),
                        status.leases(),
                        status.failures(),
                        status.details())
                    : status;
              }
            });
  }
}
