// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.spi.CloseReport;
import io.lmcache.spi.Extent;
import io.lmcache.spi.Hit;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;

/** Lookups that go wrong. */
final class LookupMutants {

  private record Invented(long sizeBytes, boolean sizeExact) implements Hit {}

  private LookupMutants() {}

  static List<Mutant> all() {
    return List.of(
        findsWhatIsNotThere(),
        missesOne(),
        movesPositions(),
        goesOnBehindTheGap(),
        pinsBehindTheGap(),
        liesBeforeTheGap(),
        missesBeforeALastGap(),
        unpinsBeforeTheGap(),
        sizeOffByOne(),
        otherClock(),
        answersWhatIsNoHit(),
        refusesInAnotherWay(),
        forgetsWhatItReleased(),
        forgetsOnceClosed(),
        forgetsWithItsAdapter());
  }

  private static Mutant findsWhatIsNotThere() {
    return Changing.leases(
        "LOOKUP-1",
        "one key in a request of many is always a hit",
        (request, lease) ->
            request.keys().size() < 200
                ? lease
                : new ForwardingLease(lease) {
                  @Override
                  public boolean hit(int i) {
                    return i == 7 || super.hit(i);
                  }
                });
  }

  private static Mutant missesOne() {
    return hit("LOOKUP-1", "the 257th key is never a hit", (i, lease) -> i != 256 && lease.hit(i));
  }

  private static Mutant movesPositions() {
    return Changing.leases(
        "LOOKUP-1",
        "hits move to the front of a request of 17",
        (request, lease) ->
            request.keys().size() != 17 || request.extent() == Extent.PREFIX
                ? lease
                : new ForwardingLease(lease) {
                  @Override
                  public boolean hit(int i) {
                    return i < hits(sound);
                  }
                });
  }

  private static int hits(LookupLease lease) {
    int hits = 0;
    for (int i = 0; i < lease.size(); i++) {
      hits += lease.hit(i) ? 1 : 0;
    }
    return hits;
  }

  private static Mutant hit(
      String rule, String fault, BiFunction<Integer, LookupLease, Boolean> hit) {
    return Changing.leases(
        rule,
        fault,
        (request, lease) ->
            new ForwardingLease(lease) {
              @Override
              public boolean hit(int i) {
                return hit.apply(i, sound);
              }
            });
  }

  private static LookupRequest all(LookupRequest request) {
    return new LookupRequest(request.keys(), Extent.ALL, request.pin(), request.options());
  }

  private static Mutant goesOnBehindTheGap() {
    return Changing.lookups("LOOKUP-2", "PREFIX that goes on behind a gap", LookupMutants::all);
  }

  private static Mutant pinsBehindTheGap() {
    return new Mutant("LOOKUP-2", "PREFIX that pins behind a gap") {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new ForwardingAdapter(adapter) {
          @Override
          public CompletionStage<LookupLease> lookup(LookupRequest request) {
            return request.extent() == Extent.ALL
                ? super.lookup(request)
                : super.lookup(all(request)).thenApply(LookupMutants::prefixOf);
          }
        };
      }
    };
  }

  private static LookupLease prefixOf(LookupLease all) {
    return new ForwardingLease(all) {
      @Override
      public boolean hit(int i) {
        boolean hit = true;
        for (int before = 0; before <= i; before++) {
          hit &= sound.hit(before);
        }
        return hit;
      }
    };
  }

  private static Mutant liesBeforeTheGap() {
    return Changing.leases(
        "LOOKUP-2",
        "PREFIX whose last key before a gap is no hit",
        (request, lease) ->
            request.extent() == Extent.ALL || hits(lease) == request.keys().size()
                ? lease
                : new ForwardingLease(lease) {
                  @Override
                  public boolean hit(int i) {
                    return super.hit(i) && i < hits(sound) - 1;
                  }
                });
  }

  private static Mutant missesBeforeALastGap() {
    return Changing.leases(
        "LOOKUP-2",
        "PREFIX that takes a gap at the last place for none",
        (request, lease) ->
            request.extent() == Extent.ALL || hits(lease) != request.keys().size() - 1
                ? lease
                : new ForwardingLease(lease) {
                  @Override
                  public boolean hit(int i) {
                    return true;
                  }
                });
  }

  private static Mutant unpinsBeforeTheGap() {
    return Changing.leases(
        "LOOKUP-2",
        "PREFIX that does not pin the last key before a gap",
        (request, lease) -> {
          int hits = hits(lease);
          if (request.extent() == Extent.PREFIX && hits > 0 && hits < lease.size()) {
            lease.release(hits - 1);
          }
          return lease;
        });
  }

  private static Mutant sizeOffByOne() {
    return Changing.leases(
        "LOOKUP-3",
        "size off by one in the lease",
        (request, lease) ->
            new ForwardingLease(lease) {
              @Override
              public int size() {
                return super.size() - 1;
              }
            });
  }

  private static Mutant otherClock() {
    return Changing.leases(
        "LOOKUP-3",
        "a lease is dated by the system's clock",
        (request, lease) -> {
          Instant since = Instant.now();
          return new ForwardingLease(lease) {
            @Override
            public Instant since() {
              return since;
            }
          };
        });
  }

  private static Mutant get(String fault, BiFunction<Integer, LookupLease, Hit> get) {
    return Changing.leases(
        "LOOKUP-3",
        fault,
        (request, lease) ->
            new ForwardingLease(lease) {
              @Override
              public Hit get(int i) {
                return hit(i) ? super.get(i) : get.apply(i, sound);
              }
            });
  }

  private static Mutant answersWhatIsNoHit() {
    return get("get of what is no hit answers 0 bytes", (i, lease) -> new Invented(0, true));
  }

  private static Mutant refusesInAnotherWay() {
    return get(
        "get of what is no hit is an IllegalStateException",
        (i, lease) -> {
          throw new IllegalStateException("no hit: " + i);
        });
  }

  private static Mutant forgetsWhatItReleased() {
    return Changing.leases(
        "LOOKUP-3",
        "what was released is no hit any more",
        (request, lease) ->
            new ForwardingLease(lease) {
              private volatile int released = -1;

              @Override
              public boolean hit(int i) {
                return i != released && super.hit(i);
              }

              @Override
              public void release(int i) {
                super.release(i);
                released = i == 0 ? 0 : released;
              }
            });
  }

  private static Mutant forgetsOnceClosed() {
    return Changing.leases(
        "LOOKUP-3",
        "a closed lease says size 0",
        (request, lease) ->
            new ForwardingLease(lease) {
              private volatile boolean closed;

              @Override
              public int size() {
                return closed ? 0 : super.size();
              }

              @Override
              public void close() {
                super.close();
                closed = true;
              }
            });
  }

  private static Mutant forgetsWithItsAdapter() {
    return new Mutant("LOOKUP-3", "the sizes of a lease are gone with its adapter") {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new ForwardingAdapter(adapter) {
          private volatile boolean closed;

          @Override
          public CompletionStage<LookupLease> lookup(LookupRequest request) {
            return super.lookup(request)
                .thenApply(
                    lease ->
                        new ForwardingLease(lease) {
                          @Override
                          public Hit get(int i) {
                            return closed ? new Invented(0, true) : super.get(i);
                          }
                        });
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
}
