// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.adapter.BlockingStorage;
import io.lmcache.spi.KeyEntry;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.stream.Stream;

/** Listings that go wrong. */
final class ListMutants {

  private ListMutants() {}

  static List<Mutant> all() {
    return List.of(
        losesTheLastOfAPage(),
        endsAfterAFullPage(),
        otherSize(),
        namesWhatIsNotThere(),
        models("names models that begin alike", String::startsWith),
        models("names models without regard to case", String::equalsIgnoreCase),
        countsEntries(),
        newestFirst(),
        refusesLate(),
        beginsAnew(),
        oneTooMany(),
        oneTooManyOfAThousand());
  }

  private static Mutant pages(
      String rule, String fault, BiFunction<ListRequest, KeyPage, KeyPage> change) {
    return new Mutant(rule, fault) {
      @Override
      BlockingStorage storage(BlockingStorage storage) {
        return new ForwardingStorage(storage) {
          @Override
          public KeyPage page(ListRequest request) throws IOException {
            return change.apply(request, super.page(request));
          }
        };
      }
    };
  }

  private static Mutant losesTheLastOfAPage() {
    return pages(
        "LIST-1",
        "the last entry of a page that has a next is not named",
        (request, page) ->
            page.nextCursor() == null
                ? page
                : new KeyPage(
                    page.entries().subList(0, page.entries().size() - 1), page.nextCursor(), null));
  }

  private static Mutant endsAfterAFullPage() {
    return pages(
        "LIST-1",
        "a walk ends with its first page of three or more",
        (request, page) ->
            page.entries().size() < 3 ? page : new KeyPage(page.entries(), null, null));
  }

  private static Mutant otherSize() {
    return pages(
        "LIST-1",
        "sizes are rounded up",
        (request, page) ->
            request.modelName() == null
                ? page
                : new KeyPage(
                    page.entries().stream()
                        .map(e -> new KeyEntry(e.key(), (e.sizeBytes() + 511) / 512 * 512))
                        .toList(),
                    page.nextCursor(),
                    null));
  }

  private static Mutant namesWhatIsNotThere() {
    return pages(
        "LIST-1",
        "the last page names a key that is not there",
        (request, page) -> {
          String model = request.modelName();
          return model == null
                  || page.nextCursor() != null
                  || page.entries().size() == request.pageSize()
              ? page
              : new KeyPage(
                  Changing.with(
                      page.entries(), new KeyEntry(ObjectKey.of(new byte[] {1}, model, 0), 1)),
                  null,
                  null);
        });
  }

  /** Everything that is there, in some order that stays. */
  private static List<KeyEntry> everything(BlockingStorage storage) throws IOException {
    return storage.page(ListRequest.first(ListRequest.MAX_PAGE_SIZE)).entries();
  }

  /** So many of the entries, and a cursor if there are more. */
  private static KeyPage page(
      Stream<KeyEntry> entries, int pageSize, BiFunction<List<KeyEntry>, KeyEntry, String> cursor) {
    List<KeyEntry> some = new ArrayList<>(entries.limit(pageSize + 1L).toList());
    if (some.size() <= pageSize) {
      return new KeyPage(some, null, null);
    }
    some.remove(pageSize);
    return new KeyPage(some, cursor.apply(some, some.get(pageSize - 1)), null);
  }

  private static Mutant models(String fault, BiPredicate<String, String> matches) {
    return new Mutant("LIST-2", "a walk over a model " + fault) {
      @Override
      BlockingStorage storage(BlockingStorage storage) {
        return new ForwardingStorage(storage) {
          @Override
          public KeyPage page(ListRequest request) throws IOException {
            String model = request.modelName();
            String after = request.cursor();
            return model == null
                ? super.page(request)
                : ListMutants.page(
                    everything(sound).stream()
                        .filter(e -> matches.test(e.key().modelName(), model))
                        .filter(e -> after == null || e.key().toString().compareTo(after) > 0),
                    request.pageSize(),
                    (page, last) -> last.key().toString());
          }
        };
      }
    };
  }

  private static Mutant countsEntries() {
    return new Mutant("LIST-3", "a cursor is a number of entries: what goes moves a position") {
      @Override
      BlockingStorage storage(BlockingStorage storage) {
        return new ForwardingStorage(storage) {
          @Override
          public KeyPage page(ListRequest request) throws IOException {
            String model = request.modelName();
            String cursor = request.cursor();
            int skipped = cursor == null ? 0 : Integer.parseInt(cursor.substring(1));
            return ListMutants.page(
                everything(sound).stream()
                    .filter(e -> model == null || model.equals(e.key().modelName()))
                    .skip(skipped),
                request.pageSize(),
                (page, last) -> "#" + (skipped + page.size()));
          }

          @Override
          public void checkCursor(String cursor) {
            check(cursor);
          }
        };
      }
    };
  }

  private static void check(String cursor) {
    if (!cursor.matches("#\\d{1,9}")) {
      throw new IllegalArgumentException("no cursor: " + cursor);
    }
  }

  private static Mutant newestFirst() {
    return new Mutant("LIST-3", "a walk goes from the newest on, and passes what is replaced") {
      @Override
      BlockingStorage storage(BlockingStorage storage) {
        Map<ObjectKey, Integer> ages = new ConcurrentHashMap<>();
        AtomicInteger clock = new AtomicInteger();
        return new ForwardingStorage(storage) {
          @Override
          public void put(ObjectKey key, MemoryObject object) throws IOException {
            super.put(key, object);
            ages.put(key, clock.incrementAndGet());
          }

          @Override
          public KeyPage page(ListRequest request) throws IOException {
            String cursor = request.cursor();
            String model = request.modelName();
            if (model == null) {
              return super.page(request);
            }
            int before = cursor == null ? Integer.MAX_VALUE : Integer.parseInt(cursor.substring(1));
            return ListMutants.page(
                everything(sound).stream()
                    .filter(e -> model.equals(e.key().modelName()) && age(e) < before)
                    .sorted(Comparator.comparing(e -> -age(e))),
                request.pageSize(),
                (page, last) -> "#" + age(last));
          }

          /** Objects of an earlier adapter get an age when they are met. */
          private int age(KeyEntry entry) {
            return ages.computeIfAbsent(entry.key(), key -> -clock.incrementAndGet());
          }

          @Override
          public void checkCursor(String cursor) {
            if (!cursor.matches("#-?\\d{1,9}")) {
              check(cursor);
            }
          }
        };
      }
    };
  }

  private static Mutant refusesLate() {
    return new Mutant("LIST-4", "a cursor is not looked at before the page is read") {
      @Override
      BlockingStorage storage(BlockingStorage storage) {
        return new ForwardingStorage(storage) {
          @Override
          public void checkCursor(String cursor) {}
        };
      }
    };
  }

  private static Mutant beginsAnew() {
    return new Mutant("LIST-4", "a foreign cursor begins a new walk") {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new ForwardingAdapter(adapter) {
          @Override
          public CompletionStage<KeyPage> list(ListRequest request) {
            try {
              return super.list(request);
            } catch (IllegalArgumentException e) {
              return super.list(new ListRequest(request.modelName(), request.pageSize(), null));
            }
          }
        };
      }
    };
  }

  private static Mutant oneTooMany() {
    return new Mutant("LIST-5", "a page of three has four entries") {
      @Override
      BlockingStorage storage(BlockingStorage storage) {
        return new ForwardingStorage(storage) {
          @Override
          public KeyPage page(ListRequest request) throws IOException {
            return super.page(
                request.pageSize() == 3
                    ? new ListRequest(request.modelName(), 4, request.cursor())
                    : request);
          }
        };
      }
    };
  }

  private static Mutant oneTooManyOfAThousand() {
    return pages(
        "LIST-5",
        "a full page of a thousand has one entry more",
        (request, page) ->
            page.entries().size() != 1000 || request.pageSize() != 1000
                ? page
                : new KeyPage(
                    Changing.with(page.entries(), page.entries().get(0)), page.nextCursor(), null));
  }
}
