// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.spi.AdapterStatus;
import io.lmcache.spi.CloseReport;
import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.LeaseInfo;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.ObjectKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** Pins that go wrong. */
final class PinMutants {

  private PinMutants() {}

  static List<Mutant> all() {
    return List.of(
        deletesPinned(DeleteOutcome.DELETED),
        deletesPinned(DeleteOutcome.PINNED),
        pinStays(),
        doesNotCount(),
        releaseTwiceCountsTwice(),
        closeTwiceCountsTwice(),
        throwsOnceClosed(),
        releaseOfOneIsOfAll(),
        releasesByHits(),
        status("counts pins, not keys", PinMutants::countingPins),
        status("names no leases", s -> with(s, List.of())),
        leases("names a worker as owner", l -> new LeaseInfo("worker-1", l.since(), l.keys())),
        leases("dates leases wrongly", l -> new LeaseInfo(l.owner(), Instant.EPOCH, l.keys())),
        leases("counts a lease as one key", l -> new LeaseInfo(l.owner(), l.since(), 1)),
        alwaysPins());
  }

  /** An adapter that knows its leases, to let go of pins that it should not let go of. */
  private abstract static class Remembering extends ForwardingAdapter {

    private record Given(List<ObjectKey> keys, LookupLease lease) {}

    private final List<Given> given = new CopyOnWriteArrayList<>();

    Remembering(L2Adapter sound) {
      super(sound);
    }

    @Override
    public CompletionStage<LookupLease> lookup(LookupRequest request) {
      return super.lookup(request).thenApply(lease -> remember(request, lease));
    }

    private LookupLease remember(LookupRequest request, LookupLease lease) {
      if (request.pin()) {
        given.add(new Given(request.keys(), lease));
      }
      return lease(request, lease);
    }

    /** What is handed out for a lease. */
    abstract LookupLease lease(LookupRequest request, LookupLease lease);

    /** Takes away every pin of a key; whether there was a lease that may have had one. */
    final boolean unpin(ObjectKey key) {
      boolean found = false;
      for (Given one : given) {
        int i = one.keys.indexOf(key);
        if (i >= 0) {
          one.lease.release(i);
          found = true;
        }
      }
      return found;
    }
  }

  private static Mutant deletesPinned(DeleteOutcome saying) {
    return new Mutant("PIN-1", "a pinned key is deleted, saying " + saying) {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new Remembering(adapter) {
          @Override
          LookupLease lease(LookupRequest request, LookupLease lease) {
            return lease;
          }

          @Override
          public CompletionStage<DeleteResult> delete(DeleteRequest request) {
            return sound.delete(request).thenCompose(result -> again(request, result));
          }

          private CompletionStage<DeleteResult> again(DeleteRequest request, DeleteResult result) {
            List<ObjectKey> pinned =
                IntStream.range(0, result.size())
                    .filter(i -> result.outcome(i) == DeleteOutcome.PINNED)
                    .mapToObj(request.keys()::get)
                    .filter(this::unpin)
                    .toList();
            DeleteResult said =
                new DeleteResult(Changing.saying(result.keys(), saying, DeleteOutcome.PINNED));
            return pinned.isEmpty()
                ? CompletableFuture.completedStage(result)
                : sound.delete(DeleteRequest.of(pinned)).thenApply(ignored -> said);
          }
        };
      }
    };
  }

  private static Mutant pinStays() {
    return Changing.deletes(
        "PIN-1",
        "the first key of many stays PINNED for ever once it was",
        new BiFunction<>() {
          private final Set<ObjectKey> stuck = ConcurrentHashMap.newKeySet();

          @Override
          public DeleteResult apply(DeleteRequest request, DeleteResult result) {
            ObjectKey first = request.keys().get(0);
            if (result.outcome(0) == DeleteOutcome.PINNED) {
              stuck.add(first);
            }
            return request.keys().size() > 1 && stuck.contains(first)
                ? new DeleteResult(
                    Changing.saying(result.keys(), DeleteOutcome.PINNED, DeleteOutcome.DELETED))
                : result;
          }
        });
  }

  private static Mutant doesNotCount() {
    return new Mutant("PIN-2", "whoever lets go of a key lets go of it for everybody") {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new Remembering(adapter) {
          @Override
          LookupLease lease(LookupRequest request, LookupLease lease) {
            boolean pin = request.pin();
            return new ForwardingLease(lease) {
              private boolean done;

              @Override
              public void release(int i) {
                done = true;
                letGo(i);
              }

              @Override
              public void close() {
                for (int i = 0; i < size() && !done; i++) {
                  letGo(i);
                }
                done = true;
                super.close();
              }

              private void letGo(int i) {
                if (pin) {
                  unpin(request.keys().get(i));
                }
              }
            };
          }
        };
      }
    };
  }

  private static Mutant releaseTwiceCountsTwice() {
    return new Mutant("PIN-3", "a pin that is released twice counts twice") {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new Remembering(adapter) {
          @Override
          LookupLease lease(LookupRequest request, LookupLease lease) {
            return new ForwardingLease(lease) {
              private int releases;

              @Override
              public void release(int i) {
                super.release(i);
                releases += i == 0 ? 1 : 0;
                if (releases == 2) {
                  unpin(request.keys().get(i));
                }
              }
            };
          }
        };
      }
    };
  }

  private static Mutant closeTwiceCountsTwice() {
    return new Mutant("PIN-3", "a lease that is closed twice counts twice") {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new Remembering(adapter) {
          @Override
          LookupLease lease(LookupRequest request, LookupLease lease) {
            return new ForwardingLease(lease) {
              private int closes;

              @Override
              public void close() {
                super.close();
                if (++closes == 2) {
                  request.keys().forEach(key -> unpin(key));
                }
              }
            };
          }
        };
      }
    };
  }

  private static Mutant throwsOnceClosed() {
    return new Mutant("PIN-3", "letting go after the adapter's close throws") {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new Remembering(adapter) {
          private volatile boolean closed;

          @Override
          LookupLease lease(LookupRequest request, LookupLease lease) {
            return new ForwardingLease(lease) {
              @Override
              public void release(int i) {
                if (closed) {
                  throw new IllegalStateException("the adapter of key " + i + " is closed");
                }
                super.release(i);
              }
            };
          }

          @Override
          public CloseReport close(Duration bound) {
            closed = true;
            return super.close(bound);
          }
        };
      }
    };
  }

  private static Mutant releaseOfOneIsOfAll() {
    return release("letting go of one key lets go of all", (lease, i) -> lease.close());
  }

  private static Mutant releasesByHits() {
    return release("positions of a release are counted in hits", PinMutants::releaseHit);
  }

  private static void releaseHit(LookupLease lease, int n) {
    int hits = 0;
    for (int i = 0; i < lease.size(); i++) {
      if (lease.hit(i) && hits++ == n) {
        lease.release(i);
      }
    }
  }

  private static Mutant release(String fault, BiConsumer<LookupLease, Integer> release) {
    return Changing.leases(
        "PIN-4",
        fault,
        (request, lease) ->
            new ForwardingLease(lease) {
              @Override
              public void release(int i) {
                release.accept(sound, i);
              }
            });
  }

  private static Mutant status(String fault, UnaryOperator<AdapterStatus> change) {
    return new Mutant("PIN-5", "the status " + fault) {
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

  private static AdapterStatus countingPins(AdapterStatus s) {
    int pins = s.leases().stream().mapToInt(LeaseInfo::keys).sum();
    return new AdapterStatus(s.health(), s.reason(), pins, s.leases(), s.failures(), s.details());
  }

  private static AdapterStatus with(AdapterStatus s, List<LeaseInfo> leases) {
    return new AdapterStatus(
        s.health(), s.reason(), s.pinnedKeys(), leases, s.failures(), s.details());
  }

  private static Mutant leases(String fault, UnaryOperator<LeaseInfo> change) {
    return status(fault, s -> with(s, s.leases().stream().map(change).toList()));
  }

  private static Mutant alwaysPins() {
    return Changing.lookups(
        "PIN-6",
        "a lookup that does not ask for pins places them",
        request -> new LookupRequest(request.keys(), request.extent(), true, request.options()));
  }
}
