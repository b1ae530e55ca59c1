// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.adapter.BlockingStorage;
import io.lmcache.adapter.StorageException;
import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Retry;
import java.io.IOException;
import java.util.List;
import java.util.function.UnaryOperator;

/** Objects without padding that are refused, or taken, by who said otherwise. */
final class PaddingMutants {

  private static final int BLOCK = 512;

  private PaddingMutants() {}

  static List<Mutant> all() {
    return List.of(
        of(false, "wishes for padding and does not store without", RefusesStores::new),
        of(false, "wishes for padding and does not load without", RefusesLoads::new),
        of(true, "insists on padding and does without", Wishes::new),
        of(
            true,
            "insists on padding and calls its lack an I/O error",
            storage -> new Refuses(storage, L2ErrorCode.IO)),
        of(true, "insists on padding and wishes for none", ForwardingStorage::new));
  }

  private static Mutant of(boolean insists, String fault, UnaryOperator<BlockingStorage> change) {
    return new Mutant("BUFFER-5", fault) {
      @Override
      BlockingStorage storage(BlockingStorage sound) {
        return change.apply(sound);
      }

      @Override
      boolean saysItInsistsOnPadding() {
        return insists;
      }
    };
  }

  /** Wishes for buffers that end with a block, and takes any. */
  private static class Wishes extends ForwardingStorage {
    Wishes(BlockingStorage sound) {
      super(sound);
    }

    @Override
    public AdapterLimits limits() {
      AdapterLimits limits = super.limits();
      return new AdapterLimits(
          limits.maxObjectBytes(),
          limits.maxKeysPerRequest(),
          limits.maxKeyBytes(),
          limits.memoryAlignment(),
          BLOCK,
          limits.declined());
    }
  }

  /** Takes no buffer that ends before its object's last block does. */
  private static class Refuses extends Wishes {
    private final L2ErrorCode code;

    Refuses(BlockingStorage sound, L2ErrorCode code) {
      super(sound);
      this.code = code;
    }

    final void requirePadding(MemoryObject object) throws StorageException {
      if (object.physicalBytes() < (object.sizeBytes() + BLOCK - 1) / BLOCK * BLOCK) {
        throw new StorageException(L2Error.of(code, Retry.NEVER, object + " do not end a block"));
      }
    }

    @Override
    public void put(ObjectKey key, MemoryObject object) throws IOException {
      requirePadding(object);
      super.put(key, object);
    }

    @Override
    public LoadOutcome get(ObjectKey key, MemoryObject object) throws IOException {
      requirePadding(object);
      return super.get(key, object);
    }
  }

  private static final class RefusesStores extends Refuses {
    RefusesStores(BlockingStorage sound) {
      super(sound, L2ErrorCode.MISALIGNED);
    }

    @Override
    public LoadOutcome get(ObjectKey key, MemoryObject object) throws IOException {
      return sound.get(key, object);
    }
  }

  private static final class RefusesLoads extends Refuses {
    RefusesLoads(BlockingStorage sound) {
      super(sound, L2ErrorCode.MISALIGNED);
    }

    @Override
    public void put(ObjectKey key, MemoryObject object) throws IOException {
      sound.put(key, object);
    }
  }
}
