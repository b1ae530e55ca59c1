// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.KeyResult;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.Options;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Deadlines that are not asked for, or by the wrong clock, or too often. */
final class DeadlineMutants {

  private DeadlineMutants() {}

  static List<Mutant> all() {
    return List.of(
        lookupsKnowNoDeadline(),
        tooLateAndStoredAllTheSame(),
        tooLateAndDeletedAllTheSame(),
        theSystemsClock(),
        centuriesOverflow(),
        askedAtSubmitOnly(),
        askedWhenTheStorageHasAnswered(),
        whatWaitedIsStoredAllTheSame(),
        deletesAreAskedAtSubmitOnly(),
        lookupsThatWaitedAreMisses());
  }

  /** Stores with other options; the answer of the changed request may be changed too. */
  abstract static class Stores extends Mutant {

    Stores(String rule, String fault) {
      super(rule, fault);
    }

    abstract Options options(Options asked, Clock clock);

    StoreResult answer(StoreResult sound, Options asked, boolean late, Clock clock) {
      return sound;
    }

    @Override
    L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
      return new ForwardingAdapter(adapter) {
        @Override
        public CompletionStage<StoreResult> store(StoreRequest request) {
          Options asked = request.options();
          boolean late = isPast(asked, context.clock());
          return super.store(
                  new StoreRequest(
                      request.items(), request.mode(), options(asked, context.clock())))
              .thenApply(result -> answer(result, asked, late, context.clock()));
        }
      };
    }

    static boolean isPast(Options options, Clock clock) {
      return options.deadline() != null && !options.deadline().isAfter(clock.instant());
    }

    static StoreResult tooLate(StoreResult result) {
      KeyResult<StoreOutcome> late =
          KeyResult.of(StoreOutcome.FAILED, L2Error.deadline("the deadline passed"));
      return new StoreResult(result.keys().stream().map(key -> late).toList());
    }
  }

  private static Mutant lookupsKnowNoDeadline() {
    return new Mutant("DEADLINE-1", "lookups know no deadline") {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new ForwardingAdapter(adapter) {
          @Override
          public CompletionStage<LookupLease> lookup(LookupRequest request) {
            return super.lookup(
                new LookupRequest(
                    request.keys(),
                    request.extent(),
                    request.pin(),
                    request.options().withDeadline(null)));
          }
        };
      }
    };
  }

  private static Mutant tooLateAndStoredAllTheSame() {
    return new Stores("DEADLINE-1", "says DEADLINE and stores all the same") {
      @Override
      Options options(Options asked, Clock clock) {
        return isPast(asked, clock) ? asked.withDeadline(null) : asked;
      }

      @Override
      StoreResult answer(StoreResult sound, Options asked, boolean late, Clock clock) {
        return late ? tooLate(sound) : sound;
      }
    };
  }

  private static Mutant tooLateAndDeletedAllTheSame() {
    return new Mutant("DEADLINE-1", "deletes know no deadline") {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new ForwardingAdapter(adapter) {
          @Override
          public CompletionStage<DeleteResult> delete(DeleteRequest request) {
            return super.delete(DeleteRequest.of(request.keys()));
          }
        };
      }
    };
  }

  private static Mutant theSystemsClock() {
    return new Stores("DEADLINE-2", "deadlines by the system's clock") {
      @Override
      Options options(Options asked, Clock clock) {
        boolean past = isPast(asked, Clock.systemUTC());
        return past ? asked.withDeadline(Instant.MIN) : asked;
      }
    };
  }

  private static Mutant centuriesOverflow() {
    return new Stores("DEADLINE-2", "a deadline in centuries has passed") {
      @Override
      Options options(Options asked, Clock clock) {
        Instant deadline = asked.deadline();
        boolean far = deadline != null && deadline.isAfter(Instant.parse("2262-04-11T00:00:00Z"));
        return far ? asked.withDeadline(Instant.MIN) : asked;
      }
    };
  }

  private static Mutant askedAtSubmitOnly() {
    return new Stores("DEADLINE-3", "asks for the deadline at submit only") {
      @Override
      Options options(Options asked, Clock clock) {
        return isPast(asked, clock) ? asked : asked.withDeadline(null);
      }
    };
  }

  private static Mutant askedWhenTheStorageHasAnswered() {
    return new Stores("DEADLINE-3", "fails what a worker had begun before the deadline") {
      @Override
      Options options(Options asked, Clock clock) {
        return asked;
      }

      @Override
      StoreResult answer(StoreResult sound, Options asked, boolean late, Clock clock) {
        return isPast(asked, clock) ? tooLate(sound) : sound;
      }
    };
  }

  private static Mutant whatWaitedIsStoredAllTheSame() {
    return new Mutant("DEADLINE-3", "says DEADLINE of what waited and stores it all the same") {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new ForwardingAdapter(adapter) {
          @Override
          public CompletionStage<StoreResult> store(StoreRequest request) {
            boolean waits = !Stores.isPast(request.options(), context.clock());
            return super.store(request)
                .thenCompose(
                    result -> {
                      L2Error error = result.error(0);
                      return waits && error != null && error.code() == L2ErrorCode.DEADLINE
                          ? super.store(StoreRequest.of(request.items())).thenApply(again -> result)
                          : CompletableFuture.completedStage(result);
                    });
          }
        };
      }
    };
  }

  private static Mutant deletesAreAskedAtSubmitOnly() {
    return new Mutant("DEADLINE-3", "deletes are asked for the deadline at submit only") {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new ForwardingAdapter(adapter) {
          @Override
          public CompletionStage<DeleteResult> delete(DeleteRequest request) {
            return Stores.isPast(request.options(), context.clock())
                ? super.delete(request)
                : super.delete(DeleteRequest.of(request.keys()));
          }
        };
      }
    };
  }

  private static Mutant lookupsThatWaitedAreMisses() {
    return Changing.leases(
        "DEADLINE-3",
        "a lookup that waited too long is a miss",
        (request, lease) ->
            new ForwardingLease(lease) {
              @Override
              public @Nullable L2Error error(int i) {
                L2Error error = super.error(i);
                return error != null && error.code() == L2ErrorCode.DEADLINE ? null : error;
              }
            });
  }
}
