// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.adapter.BlockingStorage;
import io.lmcache.adapter.StorageException;
import io.lmcache.spi.Hit;
import io.lmcache.spi.KeyResult;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Retry;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;

/** Sizes that are wrong, and names that are not the keys'. */
final class SizeMutants {

  private SizeMutants() {}

  static List<Mutant> all() {
    return List.of(
        firstSizeForAll(),
        of("SIZE-1", "reads whole pieces of 64 bytes only", WholePieces::new),
        of("SIZE-2", "an object of no bytes is not there", EmptyIsAbsent::new),
        of("SIZE-2", "an object of no bytes is not written", EmptyIsNotWritten::new),
        of("SIZE-3", "a buffer that is a byte too small is filled", FillsSmaller::new),
        of("SIZE-3", "an object that does not fit is dropped", DropsMismatch::new),
        hits("size off by one in the lease", 1, true),
        hits("an upper bound that is none", -1, false),
        names(
            "upper and lower case are one",
            key -> model(key, key.modelName().toLowerCase(Locale.ROOT))),
        names(
            "a slash is written as an underscore",
            key -> model(key, key.modelName().replace('/', '_'))),
        names(
            "a slash is written as -SEP-",
            key -> model(key, key.modelName().replace("/", "-SEP-"))),
        names(
            "composed and decomposed letters are one",
            key -> model(key, Normalizer.normalize(key.modelName(), Normalizer.Form.NFC))),
        names("blanks at the end are cut off", key -> model(key, key.modelName().strip())),
        names(
            "the rank is an int",
            key ->
                ObjectKey.of(
                    key.chunkHash(),
                    key.modelName(),
                    key.kvRank() & 0xFFFF_FFFFL,
                    key.objectGroupId(),
                    key.cacheSalt())),
        names(
            "the object group is not in the name",
            key ->
                ObjectKey.of(key.chunkHash(), key.modelName(), key.kvRank(), 0, key.cacheSalt())),
        names(
            "the salt is not in the name",
            key ->
                ObjectKey.of(
                    key.chunkHash(), key.modelName(), key.kvRank(), key.objectGroupId(), "")),
        names("16 bytes of the hash are in the name", SizeMutants::shortHash),
        of("KEY-1", "a key that cannot be stored is absent", UnsupportedIsAbsent::new),
        unsupportedFailsAll());
  }

  private static Mutant of(String rule, String fault, UnaryOperator<BlockingStorage> change) {
    return new Mutant(rule, fault) {
      @Override
      BlockingStorage storage(BlockingStorage sound) {
        return change.apply(sound);
      }
    };
  }

  /** A storage whose names for keys are not always theirs. */
  private static Mutant names(String fault, UnaryOperator<ObjectKey> name) {
    return of("KEY-1", fault, storage -> new Renaming(storage, name));
  }

  private static ObjectKey model(ObjectKey key, String model) {
    return ObjectKey.of(key.chunkHash(), model, key.kvRank(), key.objectGroupId(), key.cacheSalt());
  }

  private static ObjectKey shortHash(ObjectKey key) {
    byte[] hash = key.chunkHash();
    return ObjectKey.of(
        hash.length > 16 ? Arrays.copyOf(hash, 16) : hash,
        key.modelName(),
        key.kvRank(),
        key.objectGroupId(),
        key.cacheSalt());
  }

  private static Mutant firstSizeForAll() {
    return new Mutant("SIZE-1", "the first object's size is that of all smaller than 4 MiB") {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new ForwardingAdapter(adapter) {
          @Override
          public CompletionStage<StoreResult> store(StoreRequest request) {
            int first = request.items().get(0).object().sizeBytes();
            boolean mixed =
                request.items().stream().anyMatch(item -> item.object().sizeBytes() > 4 << 20);
            return sound.store(
                mixed
                    ? new StoreRequest(
                        request.items().stream().map(item -> cut(item, first)).toList(),
                        request.mode(),
                        request.options())
                    : request);
          }
        };
      }
    };
  }

  private static StoreItem cut(StoreItem item, int size) {
    ByteBuffer memory = item.object().buffer();
    return new StoreItem(item.key(), MemoryObject.of(memory.limit(Math.min(size, memory.limit()))));
  }

  private static final class WholePieces extends ForwardingStorage {
    WholePieces(BlockingStorage sound) {
      super(sound);
    }

    @Override
    public LoadOutcome get(ObjectKey key, MemoryObject object) throws IOException {
      LoadOutcome outcome = super.get(key, object);
      if (outcome == LoadOutcome.LOADED && object.sizeBytes() == 4097) {
        object.buffer().put(4096, (byte) ~object.buffer().get(4096));
      }
      return outcome;
    }
  }

  private static final class EmptyIsAbsent extends ForwardingStorage {
    EmptyIsAbsent(BlockingStorage sound) {
      super(sound);
    }

    @Override
    public OptionalLong stat(ObjectKey key) throws IOException {
      OptionalLong size = super.stat(key);
      return size.orElse(0) == 0 ? OptionalLong.empty() : size;
    }
  }

  private static final class EmptyIsNotWritten extends ForwardingStorage {
    EmptyIsNotWritten(BlockingStorage sound) {
      super(sound);
    }

    @Override
    public void put(ObjectKey key, MemoryObject object) throws IOException {
      if (object.sizeBytes() > 0) {
        super.put(key, object);
      }
    }
  }

  private static final class FillsSmaller extends ForwardingStorage {
    FillsSmaller(BlockingStorage sound) {
      super(sound);
    }

    @Override
    public LoadOutcome get(ObjectKey key, MemoryObject object) throws IOException {
      LoadOutcome outcome = super.get(key, object);
      boolean almost = super.stat(key).orElse(-1) == object.sizeBytes() + 1L;
      return outcome == LoadOutcome.SIZE_MISMATCH && almost ? LoadOutcome.LOADED : outcome;
    }
  }

  private static final class DropsMismatch extends ForwardingStorage {
    DropsMismatch(BlockingStorage sound) {
      super(sound);
    }

    @Override
    public LoadOutcome get(ObjectKey key, MemoryObject object) throws IOException {
      LoadOutcome outcome = super.get(key, object);
      if (outcome == LoadOutcome.SIZE_MISMATCH) {
        super.remove(key);
      }
      return outcome;
    }
  }

  private record FalseHit(long sizeBytes, boolean sizeExact) implements Hit {}

  private static Mutant hits(String fault, int difference, boolean exact) {
    return Changing.leases(
        "SIZE-4",
        fault,
        (request, lease) ->
            new ForwardingLease(lease) {
              @Override
              public Hit get(int i) {
                Hit hit = sound.get(i);
                return hit.sizeBytes() == 513 ? new FalseHit(513 + difference, exact) : hit;
              }
            });
  }

  private static final class Renaming extends ForwardingStorage {
    private final UnaryOperator<ObjectKey> name;

    Renaming(BlockingStorage sound, UnaryOperator<ObjectKey> name) {
      super(sound);
      this.name = name;
    }

    @Override
    public void put(ObjectKey key, MemoryObject object) throws IOException {
      super.put(name.apply(key), object);
    }

    @Override
    public LoadOutcome get(ObjectKey key, MemoryObject object) throws IOException {
      return super.get(name.apply(key), object);
    }

    @Override
    public OptionalLong stat(ObjectKey key) throws IOException {
      return super.stat(name.apply(key));
    }

    @Override
    public boolean remove(ObjectKey key) throws IOException {
      return super.remove(name.apply(key));
    }
  }

  private static boolean unsupported(ObjectKey key) {
    return key.cacheSalt().contains("%");
  }

  private static final class UnsupportedIsAbsent extends ForwardingStorage {
    UnsupportedIsAbsent(BlockingStorage sound) {
      super(sound);
    }

    @Override
    public void put(ObjectKey key, MemoryObject object) throws IOException {
      if (unsupported(key)) {
        throw new StorageException(
            L2Error.of(L2ErrorCode.UNSUPPORTED_KEY, Retry.NEVER, "no name for " + key));
      }
      super.put(key, object);
    }
  }

  private static Mutant unsupportedFailsAll() {
    return new Mutant("KEY-1", "an unsupported key fails the whole store") {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new ForwardingAdapter(adapter) {
          @Override
          public CompletionStage<StoreResult> store(StoreRequest request) {
            if (request.items().stream().noneMatch(item -> unsupported(item.key()))) {
              return sound.store(request);
            }
            L2Error error = L2Error.of(L2ErrorCode.UNSUPPORTED_KEY, Retry.NEVER, "no name");
            return sound
                .store(request)
                .thenApply(
                    r ->
                        new StoreResult(
                            r.keys().stream()
                                .map(key -> KeyResult.of(StoreOutcome.FAILED, error))
                                .toList()));
          }
        };
      }
    };
  }
}
