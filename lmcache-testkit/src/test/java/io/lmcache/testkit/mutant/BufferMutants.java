// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.adapter.BlockingStorage;
import io.lmcache.adapter.StorageException;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Retry;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Buffers that are touched at the wrong time or place. */
final class BufferMutants {

  /** The size of objects that only tests about buffers use. */
  private static final int SIZE = 5000;

  private static final int BLOCK = 512;

  private BufferMutants() {}

  static List<Mutant> all() {
    return List.of(
        of("BUFFER-1", "scrambles an object in place when it is written", ScramblesInPlace::new),
        of("BUFFER-1", "cannot store from read-only memory", NeedsWritable::new),
        of("BUFFER-2", "writes an object behind, from the caller's buffer", WritesBehind::new),
        of(
            "BUFFER-2",
            "touches the buffer of a load after its completion",
            storage -> new TouchesLater(storage, LoadOutcome.LOADED)),
        of(
            "BUFFER-2",
            "touches the buffer of a load that found nothing after its completion",
            storage -> new TouchesLater(storage, LoadOutcome.NOT_FOUND)),
        of("BUFFER-3", "fills an unpadded buffer up to the end of a block", FillsBlock::new),
        of("BUFFER-4", "writes the physical tail of an unpadded object", StoresTail::new),
        of("BUFFER-5", "stores the padding", StoresPadding::new),
        of("BUFFER-5", "loads as much as the padded buffer holds", LoadsPadding::new),
        adapters("BUFFER-6", "loans() counts requests", CountsRequests::new),
        adapters("BUFFER-6", "loans() counts lookups", CountsLookups::new),
        adapters("BUFFER-6", "a caller's time-out ends the loan", TimeOutEndsLoan::new),
        adapters("BUFFER-6", "buffers of loads with an absent key stay lent", StaysLent::new));
  }

  private static Mutant of(String rule, String fault, UnaryOperator<BlockingStorage> change) {
    return new Mutant(rule, fault) {
      @Override
      BlockingStorage storage(BlockingStorage sound) {
        return change.apply(sound);
      }
    };
  }

  private static Mutant adapters(String rule, String fault, UnaryOperator<L2Adapter> change) {
    return new Mutant(rule, fault) {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return change.apply(adapter);
      }
    };
  }

  private static final class ScramblesInPlace extends ForwardingStorage {
    ScramblesInPlace(BlockingStorage sound) {
      super(sound);
    }

    @Override
    public void put(ObjectKey key, MemoryObject object) throws IOException {
      super.put(key, object);
      if (!object.isReadOnly() && object.sizeBytes() == 4097) {
        object.buffer().put(0, (byte) ~object.buffer().get(0));
      }
    }
  }

  private static final class NeedsWritable extends ForwardingStorage {
    NeedsWritable(BlockingStorage sound) {
      super(sound);
    }

    @Override
    public void put(ObjectKey key, MemoryObject object) throws IOException {
      if (object.isReadOnly()) {
        throw new StorageException(
            L2Error.of(L2ErrorCode.IO, Retry.NEVER, "the memory is read-only"));
      }
      super.put(key, object);
    }
  }

  private static final class WritesBehind extends ForwardingStorage {
    private final Map<ObjectKey, MemoryObject> kept = new ConcurrentHashMap<>();

    WritesBehind(BlockingStorage sound) {
      super(sound);
    }

    @Override
    public void put(ObjectKey key, MemoryObject object) throws IOException {
      super.put(key, object);
      if (object.sizeBytes() == SIZE) {
        kept.put(key, object);
      }
    }

    @Override
    public LoadOutcome get(ObjectKey key, MemoryObject object) throws IOException {
      MemoryObject late = kept.remove(key);
      if (late != null) {
        super.put(key, late);
      }
      return super.get(key, object);
    }
  }

  private static final class TouchesLater extends ForwardingStorage {
    private final LoadOutcome after;
    private final AtomicReference<@Nullable MemoryObject> last = new AtomicReference<>();

    TouchesLater(BlockingStorage sound, LoadOutcome after) {
      super(sound);
      this.after = after;
    }

    @Override
    public LoadOutcome get(ObjectKey key, MemoryObject object) throws IOException {
      LoadOutcome outcome = super.get(key, object);
      MemoryObject before =
          last.getAndSet(outcome == after && object.sizeBytes() == SIZE ? object : null);
      if (before != null) {
        before.buffer().put(0, (byte) 0);
      }
      return outcome;
    }
  }

  /** The object's memory and as much behind it as makes its length a multiple of a block. */
  private static MemoryObject upToBlock(MemoryObject object) {
    int length = (object.sizeBytes() + BLOCK - 1) / BLOCK * BLOCK;
    try {
      Field address = Buffer.class.getDeclaredField("address");
      address.setAccessible(true);
      Constructor<?> of =
          Class.forName("java.nio.DirectByteBuffer").getDeclaredConstructor(long.class, int.class);
      of.setAccessible(true);
      Object forced = of.newInstance(address.getLong(object.physical()), length);
      return MemoryObject.of((ByteBuffer) forced);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("needs --add-opens java.base/java.nio=ALL-UNNAMED", e);
    }
  }

  private static final class FillsBlock extends ForwardingStorage {
    FillsBlock(BlockingStorage sound) {
      super(sound);
    }

    @Override
    public LoadOutcome get(ObjectKey key, MemoryObject object) throws IOException {
      LoadOutcome outcome = super.get(key, object);
      if (object.sizeBytes() == 4097 && object.physicalBytes() == 4097) {
        ByteBuffer block = upToBlock(object).buffer().position(object.sizeBytes());
        block.put(new byte[block.remaining()]);
      }
      return outcome;
    }
  }

  private static final class StoresTail extends ForwardingStorage {
    StoresTail(BlockingStorage sound) {
      super(sound);
    }

    @Override
    public void put(ObjectKey key, MemoryObject object) throws IOException {
      boolean odd = object.sizeBytes() == 4097 && object.physicalBytes() == 4097;
      super.put(key, odd ? upToBlock(object) : object);
    }
  }

  private static final class StoresPadding extends ForwardingStorage {
    StoresPadding(BlockingStorage sound) {
      super(sound);
    }

    @Override
    public void put(ObjectKey key, MemoryObject object) throws IOException {
      super.put(key, MemoryObject.of(object.physical()));
    }
  }

  private static final class LoadsPadding extends ForwardingStorage {
    LoadsPadding(BlockingStorage sound) {
      super(sound);
    }

    @Override
    public LoadOutcome get(ObjectKey key, MemoryObject object) throws IOException {
      return super.get(key, MemoryObject.of(object.physical()));
    }
  }

  private static final class CountsRequests extends ForwardingAdapter {
    private final AtomicInteger requests = new AtomicInteger();

    CountsRequests(L2Adapter sound) {
      super(sound);
    }

    @Override
    public CompletionStage<StoreResult> store(StoreRequest request) {
      requests.incrementAndGet();
      return sound.store(request).whenComplete((r, e) -> requests.decrementAndGet());
    }

    @Override
    public CompletionStage<LoadResult> load(LoadRequest request) {
      requests.incrementAndGet();
      return sound.load(request).whenComplete((r, e) -> requests.decrementAndGet());
    }

    @Override
    public int loans() {
      return requests.get();
    }
  }

  private static final class CountsLookups extends ForwardingAdapter {
    private final AtomicInteger keys = new AtomicInteger();

    CountsLookups(L2Adapter sound) {
      super(sound);
    }

    @Override
    public CompletionStage<LookupLease> lookup(LookupRequest request) {
      keys.addAndGet(request.keys().size());
      return sound.lookup(request).whenComplete((r, e) -> keys.addAndGet(-request.keys().size()));
    }

    @Override
    public int loans() {
      return sound.loans() + keys.get();
    }
  }

  private static final class TimeOutEndsLoan extends ForwardingAdapter {
    private final AtomicInteger ended = new AtomicInteger();

    TimeOutEndsLoan(L2Adapter sound) {
      super(sound);
    }

    @Override
    public CompletionStage<StoreResult> store(StoreRequest request) {
      CompletionStage<StoreResult> stage = sound.store(request);
      int buffers = request.items().size();
      return new CompletableFuture<StoreResult>() {
        {
          stage.thenAccept(this::complete);
        }

        /** A copy, as it should be, but one whose end is taken for the request's. */
        @Override
        public CompletableFuture<StoreResult> toCompletableFuture() {
          CompletableFuture<StoreResult> copy = copy();
          copy.exceptionally(
              e -> {
                ended.addAndGet(buffers);
                stage.thenRun(() -> ended.addAndGet(-buffers));
                return null;
              });
          return copy;
        }
      };
    }

    @Override
    public int loans() {
      return sound.loans() - ended.get();
    }
  }

  private static final class StaysLent extends ForwardingAdapter {
    private final AtomicInteger lost = new AtomicInteger();

    StaysLent(L2Adapter sound) {
      super(sound);
    }

    @Override
    public CompletionStage<LoadResult> load(LoadRequest request) {
      return sound
          .load(request)
          .thenApply(
              r -> {
                boolean some = r.size() > 10 && r.count(LoadOutcome.NOT_FOUND) > 0;
                lost.addAndGet(some ? 1 : 0);
                return r;
              });
    }

    @Override
    public int loans() {
      return sound.loans() + lost.get();
    }
  }
}
