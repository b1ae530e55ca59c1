// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.spi.Hit;
import io.lmcache.spi.KeyResult;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.LoadItem;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.ObjectKey;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/** Loads that go wrong. */
final class LoadMutants {

  private LoadMutants() {}

  static List<Mutant> all() {
    return List.of(
        movesPositions(),
        otherBuffers(),
        absentIsLoaded(),
        missesOne(),
        believesTheKey(),
        believesAnotherAdapter(),
        believesTheSize(),
        refusesForeignHits(),
        believesThatItIsThere(),
        believesThatNothingChanged());
  }

  private static Mutant results(
      String rule, String fault, BiFunction<LoadRequest, LoadResult, LoadResult> change) {
    return new Mutant(rule, fault) {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new ForwardingAdapter(adapter) {
          @Override
          public CompletionStage<LoadResult> load(LoadRequest request) {
            return super.load(request).thenApply(result -> change.apply(request, result));
          }
        };
      }
    };
  }

  private static Mutant movesPositions() {
    return results(
        "LOAD-1",
        "outcomes of a request of 17 are in the order in which keys ended",
        (request, r) ->
            request.items().size() == 17 ? new LoadResult(Changing.sorted(r.keys())) : r);
  }

  private static Mutant otherBuffers() {
    return new Mutant("LOAD-1", "the first two keys of a large request get each other's bytes") {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new ForwardingAdapter(adapter) {
          @Override
          public CompletionStage<LoadResult> load(LoadRequest request) {
            List<LoadItem> items = request.items();
            List<LoadItem> swapped = items.size() >= 40 ? Changing.swapped(items) : items;
            List<LoadItem> mixed =
                IntStream.range(0, items.size())
                    .mapToObj(i -> LoadItem.of(items.get(i).key(), swapped.get(i).object()))
                    .toList();
            return super.load(new LoadRequest(mixed, request.options()));
          }
        };
      }
    };
  }

  private static Mutant absentIsLoaded() {
    return results(
        "LOAD-1",
        "keys of a request of 17 that are not there are LOADED",
        (request, r) ->
            request.items().size() == 17
                ? new LoadResult(
                    Changing.saying(r.keys(), LoadOutcome.LOADED, LoadOutcome.NOT_FOUND))
                : r);
  }

  private static Mutant missesOne() {
    return results(
        "LOAD-1",
        "the last key of a request of 300 is NOT_FOUND",
        (request, r) -> {
          if (request.items().size() < 300) {
            return r;
          }
          List<KeyResult<LoadOutcome>> results = new ArrayList<>(r.keys());
          results.set(299, KeyResult.of(LoadOutcome.NOT_FOUND));
          return new LoadResult(results);
        });
  }

  /** A hit that knows whom it came from; what it knows is true when it is made. */
  private record Known(L2Adapter maker, ObjectKey key, Hit found) implements Hit {
    @Override
    public long sizeBytes() {
      return found.sizeBytes();
    }

    @Override
    public boolean sizeExact() {
      return found.sizeExact();
    }
  }

  /** Makes hits that know whom they came from; each item may be loaded in another way for them. */
  private static Mutant hits(String fault, BiFunction<LoadItem, Known, LoadItem> use) {
    return new Mutant("LOAD-2", fault) {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new MakingHits(adapter) {
          @Override
          public CompletionStage<LoadResult> load(LoadRequest request) {
            List<LoadItem> items =
                request.items().stream()
                    .map(item -> item.hit() instanceof Known hit ? use.apply(item, hit) : item)
                    .toList();
            return super.load(new LoadRequest(items, request.options()));
          }
        };
      }
    };
  }

  private static class MakingHits extends ForwardingAdapter {

    MakingHits(L2Adapter sound) {
      super(sound);
    }

    @Override
    public CompletionStage<LookupLease> lookup(LookupRequest request) {
      return super.lookup(request)
          .thenApply(
              lease ->
                  new ForwardingLease(lease) {
                    @Override
                    public Hit get(int i) {
                      return new Known(MakingHits.this.sound, request.keys().get(i), super.get(i));
                    }
                  });
    }
  }

  private static Mutant believesTheKey() {
    return hits(
        "an item's hit says which object is loaded",
        (item, hit) -> new LoadItem(hit.key(), item.object(), hit));
  }

  private static Mutant believesAnotherAdapter() {
    return new Mutant("LOAD-2", "a hit leads to the adapter that made it") {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new MakingHits(adapter) {
          @Override
          public CompletionStage<LoadResult> load(LoadRequest request) {
            return request.items().get(0).hit() instanceof Known hit
                ? hit.maker().load(request)
                : super.load(request);
          }
        };
      }
    };
  }

  /** Answers for an item by its hit, whatever the storage said. */
  private static Mutant answers(
      String fault, BiFunction<LoadItem, LoadOutcome, LoadOutcome> answer) {
    return results(
        "LOAD-2",
        fault,
        (request, r) ->
            new LoadResult(
                IntStream.range(0, r.size())
                    .mapToObj(i -> answer(request.items().get(i), r.keys().get(i), answer))
                    .toList()));
  }

  private static KeyResult<LoadOutcome> answer(
      LoadItem item,
      KeyResult<LoadOutcome> result,
      BiFunction<LoadItem, LoadOutcome, LoadOutcome> answer) {
    LoadOutcome outcome = answer.apply(item, result.outcome());
    return item.hit() == null || outcome == result.outcome() ? result : KeyResult.of(outcome);
  }

  private static boolean fits(LoadItem item) {
    Hit hit = item.hit();
    return hit == null || hit.sizeBytes() == item.object().sizeBytes();
  }

  private static Mutant believesTheSize() {
    return answers(
        "an object has the size that its hit says",
        (item, outcome) ->
            outcome == LoadOutcome.LOADED && !fits(item) ? LoadOutcome.SIZE_MISMATCH : outcome);
  }

  private static Mutant refusesForeignHits() {
    return answers(
        "an item with a hit of a class that the adapter does not know is NOT_FOUND",
        (item, outcome) -> {
          Hit hit = item.hit();
          return hit == null || hit.getClass().getName().startsWith("io.lmcache.adapter.")
              ? outcome
              : LoadOutcome.NOT_FOUND;
        });
  }

  private static Mutant believesThatItIsThere() {
    return answers(
        "an object with a hit of its size is LOADED though it is gone",
        (item, outcome) ->
            outcome == LoadOutcome.NOT_FOUND && fits(item) ? LoadOutcome.LOADED : outcome);
  }

  private static Mutant believesThatNothingChanged() {
    return answers(
        "an object with a hit of its size is LOADED though it has another by now",
        (item, outcome) ->
            outcome == LoadOutcome.SIZE_MISMATCH && fits(item) ? LoadOutcome.LOADED : outcome);
  }
}
