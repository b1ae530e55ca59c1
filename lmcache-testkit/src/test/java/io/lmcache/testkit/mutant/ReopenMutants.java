// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.adapter.BlockingStorage;
import io.lmcache.adapter.StoredObject;
import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.Feature;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2AdapterListener;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;

/** What the next adapter does not find, miscounts or mistells. */
final class ReopenMutants {

  private ReopenMutants() {}

  static List<Mutant> all() {
    return List.of(
        whatWasReplacedIsForgotten(),
        aDeleteComesBack(),
        persistsAlthoughItDeclines(),
        countsWholePages(),
        leavesOutEmptyObjects(),
        neverSaysThatItHasCounted(),
        recoveredAsStored(),
        recoveredTwice(),
        agesInTheFuture(),
        theYoungestFirst());
  }

  private static Mutant ofStorage(
      String rule, String fault, Function<BlockingStorage, BlockingStorage> broken) {
    return new Mutant(rule, fault) {
      @Override
      BlockingStorage storage(BlockingStorage storage) {
        return broken.apply(storage);
      }
    };
  }

  private static Mutant whatWasReplacedIsForgotten() {
    return ofStorage(
        "REOPEN-1",
        "what was replaced is lost at the close",
        storage ->
            new ForwardingStorage(storage) {
              private final Set<ObjectKey> replaced = ConcurrentHashMap.newKeySet();

              @Override
              public void put(ObjectKey key, MemoryObject object) throws IOException {
                if (super.stat(key).isPresent()) {
                  replaced.add(key);
                }
                super.put(key, object);
              }

              @Override
              public void close() throws IOException {
                for (ObjectKey key : replaced) {
                  super.remove(key);
                }
                super.close();
              }
            });
  }

  private static Mutant aDeleteComesBack() {
    return ofStorage(
        "REOPEN-1",
        "what was deleted comes back with the next adapter",
        storage ->
            new ForwardingStorage(storage) {
              private final Map<ObjectKey, MemoryObject> deleted = new ConcurrentHashMap<>();

              @Override
              public boolean remove(ObjectKey key) throws IOException {
                OptionalLong size = super.stat(key);
                if (size.isPresent()) {
                  MemoryObject kept =
                      MemoryObject.of(ByteBuffer.allocateDirect((int) size.getAsLong()));
                  super.get(key, kept);
                  deleted.put(key, kept);
                }
                return super.remove(key);
              }

              @Override
              public void close() throws IOException {
                for (Map.Entry<ObjectKey, MemoryObject> entry : deleted.entrySet()) {
                  super.put(entry.getKey(), entry.getValue());
                }
                super.close();
              }
            });
  }

  private static Mutant persistsAlthoughItDeclines() {
    return new Mutant("REOPEN-1", "declines PERSISTENCE and does not start empty") {
      @Override
      Set<Feature> declines() {
        return Set.of(Feature.PERSISTENCE);
      }
    };
  }

  /** Changes what the walk shows with which an adapter opens. */
  private static Mutant ofWalk(
      String rule, String fault, Function<StoredObject, List<StoredObject>> changed) {
    return ofStorage(
        rule,
        fault,
        storage ->
            new ForwardingStorage(storage) {
              @Override
              public void forEach(Consumer<StoredObject> visitor) throws IOException {
                super.forEach(object -> changed.apply(object).forEach(visitor));
              }
            });
  }

  private static Mutant countsWholePages() {
    return ofWalk(
        "REOPEN-2",
        "counts whole pages after reopening",
        object ->
            List.of(
                new StoredObject(
                    object.key(), (object.sizeBytes() + 4095) & -4096, object.lastModified())));
  }

  private static Mutant leavesOutEmptyObjects() {
    return ofWalk(
        "REOPEN-2",
        "leaves out empty objects after reopening",
        object -> object.sizeBytes() == 0 ? List.of() : List.of(object));
  }

  private static Mutant neverSaysThatItHasCounted() {
    return new Mutant("REOPEN-2", "says recovering for ever if there was something") {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        boolean recovering = adapter.usage().storedObjects() > 0;
        return new ForwardingAdapter(adapter) {
          @Override
          public AdapterUsage usage() {
            AdapterUsage usage = super.usage();
            return new AdapterUsage(
                usage.storedBytes(),
                usage.storedObjects(),
                usage.inFlightBytes(),
                usage.capacityBytes(),
                recovering,
                usage.bytesBySalt());
          }
        };
      }
    };
  }

  /** Hears of recovered objects, and tells something else. */
  private interface Retelling {
    void recovered(
        L2AdapterListener listener,
        List<ObjectKey> keys,
        List<Long> sizes,
        List<Instant> lastModified);
  }

  private static Mutant ofEvents(String fault, Retelling retelling) {
    return new Mutant("REOPEN-3", fault) {
      @Override
      L2AdapterContext context(L2AdapterContext context) {
        return new ForwardingContext(context) {
          @Override
          public L2AdapterListener listener() {
            L2AdapterListener listener = super.listener();
            return new ForwardingListener(listener) {
              @Override
              public void recovered(
                  List<ObjectKey> keys, List<Long> sizes, List<Instant> lastModified) {
                retelling.recovered(listener, keys, sizes, lastModified);
              }
            };
          }
        };
      }
    };
  }

  private static Mutant recoveredAsStored() {
    return ofEvents(
        "fires stored for what it recovers",
        (listener, keys, sizes, lastModified) -> listener.stored(keys, sizes));
  }

  private static Mutant recoveredTwice() {
    return ofEvents(
        "fires recovered twice",
        (listener, keys, sizes, lastModified) -> {
          listener.recovered(keys, sizes, lastModified);
          listener.recovered(keys, sizes, lastModified);
        });
  }

  private static Mutant agesInTheFuture() {
    return ofEvents(
        "takes the seconds of an age for minutes",
        (listener, keys, sizes, lastModified) ->
            listener.recovered(
                keys,
                sizes,
                lastModified.stream()
                    .map(age -> Instant.now().plusSeconds(60 * (age.getEpochSecond() + 60)))
                    .toList()));
  }

  private static Mutant theYoungestFirst() {
    return ofEvents(
        "tells the youngest first",
        (listener, keys, sizes, lastModified) -> {
          List<Instant> ages = new ArrayList<>();
          for (int i = 0; i < keys.size(); i++) {
            ages.add(Instant.EPOCH.plusSeconds(keys.size() - i));
          }
          listener.recovered(keys, sizes, List.copyOf(ages));
        });
  }
}
