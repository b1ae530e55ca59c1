// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.spi.AdapterStatus;
import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.KeyResult;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.Retry;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Requests that are taken, and stages that complete, in a wrong way. */
final class SubmitMutants {

  /** As many keys as only a test about long requests has, and as the order of outcomes needs. */
  private static final int MANY = 64;

  private SubmitMutants() {}

  static List<Mutant> all() {
    return List.of(
        of("SUBMIT-1", "blocks in submit when 30 buffers are lent", BlocksInSubmit::new),
        of("SUBMIT-1", "usage() waits while 30 buffers are lent", a -> new Waits(a, "usage")),
        of("SUBMIT-1", "status() waits while 30 buffers are lent", a -> new Waits(a, "status")),
        of("SUBMIT-1", "loans() waits while 30 buffers are lent", a -> new Waits(a, "loans")),
        of("SUBMIT-2", "a store with too many keys is done in parts", StoresInParts::new),
        of("SUBMIT-2", "a delete with too many keys is refused after the first", DeletesFirst::new),
        of("SUBMIT-2", "as many keys as allowed are refused", OneTooFew::new),
        of("SUBMIT-3", "a store of null fails its stage", NullStore::new),
        of("SUBMIT-3", "a listing of null is one of everything", NullList::new),
        of(
            "STAGE-1",
            "outcomes of a large load in the order in which they end",
            LoadsDisordered::new),
        of("STAGE-1", "a large delete has an outcome too few", DeletesOneTooFew::new),
        of("STAGE-1", "a large lookup never completes", NeverCompletes::new),
        of("STAGE-2", "hands out its own future of a store", a -> new OwnFutures(a, "store")),
        of("STAGE-2", "hands out its own future of a load", a -> new OwnFutures(a, "load")),
        of("STAGE-2", "hands out its own future of a lookup", a -> new OwnFutures(a, "lookup")),
        of("STAGE-2", "hands out its own future of a delete", a -> new OwnFutures(a, "delete")),
        of("STAGE-2", "hands out its own future of a page", a -> new OwnFutures(a, "page")),
        of("STAGE-3", "a store of a closed adapter completes exceptionally", ThrowsClosed::new),
        of("STAGE-3", "NOT_FOUND has an error", AbsenceIsAnError::new),
        of("STAGE-3", "the error of a load that is too late has two lines", TwoLines::new),
        Changing.leases(
            "STAGE-3",
            "a key that could not be looked up has no error",
            (r, lease) -> noErrors(lease)),
        of("STAGE-4", "what is chained to a load cannot store", NoStoreInContinuation::new));
  }

  private static Mutant of(String rule, String fault, UnaryOperator<L2Adapter> change) {
    return new Mutant(rule, fault) {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return change.apply(adapter);
      }
    };
  }

  private static final class BlocksInSubmit extends ForwardingAdapter {
    BlocksInSubmit(L2Adapter sound) {
      super(sound);
    }

    @Override
    public CompletionStage<StoreResult> store(StoreRequest request) {
      waitForBuffers(sound);
      return sound.store(request);
    }
  }

  private static void waitForBuffers(L2Adapter sound) {
    while (sound.loans() > 30) {
      LockSupport.parkNanos(100_000);
    }
  }

  /** One of the three that must not wait does. */
  private static final class Waits extends ForwardingAdapter {
    private final String waiting;

    Waits(L2Adapter sound, String waiting) {
      super(sound);
      this.waiting = waiting;
    }

    private L2Adapter after(String method) {
      if (waiting.equals(method)) {
        waitForBuffers(sound);
      }
      return sound;
    }

    @Override
    public AdapterUsage usage() {
      return after("usage").usage();
    }

    @Override
    public AdapterStatus status() {
      return after("status").status();
    }

    @Override
    public int loans() {
      return after("loans").loans();
    }
  }

  private static final class StoresInParts extends ForwardingAdapter {
    StoresInParts(L2Adapter sound) {
      super(sound);
    }

    @Override
    public CompletionStage<StoreResult> store(StoreRequest request) {
      int most = limits().maxKeysPerRequest();
      if (request.items().size() <= most) {
        return sound.store(request);
      }
      CompletionStage<StoreResult> first = sound.store(part(request, 0, most));
      CompletionStage<StoreResult> rest = sound.store(part(request, most, request.items().size()));
      return first.thenCombine(
          rest,
          (one, other) -> {
            List<KeyResult<StoreOutcome>> keys = new ArrayList<>(one.keys());
            keys.addAll(other.keys());
            return new StoreResult(keys);
          });
    }

    private static StoreRequest part(StoreRequest request, int from, int to) {
      return new StoreRequest(request.items().subList(from, to), request.mode(), request.options());
    }
  }

  private static final class DeletesFirst extends ForwardingAdapter {
    DeletesFirst(L2Adapter sound) {
      super(sound);
    }

    @Override
    public CompletionStage<DeleteResult> delete(DeleteRequest request) {
      if (request.keys().size() > limits().maxKeysPerRequest()) {
        sound.delete(DeleteRequest.of(request.keys().subList(0, 1))).toCompletableFuture().join();
      }
      return sound.delete(request);
    }
  }

  private static final class OneTooFew extends ForwardingAdapter {
    OneTooFew(L2Adapter sound) {
      super(sound);
    }

    @Override
    public CompletionStage<LookupLease> lookup(LookupRequest request) {
      if (request.keys().size() >= limits().maxKeysPerRequest()) {
        throw new IllegalArgumentException("too many keys: " + request.keys().size());
      }
      return sound.lookup(request);
    }
  }

  private static final class NullStore extends ForwardingAdapter {
    NullStore(L2Adapter sound) {
      super(sound);
    }

    @Override
    public CompletionStage<StoreResult> store(@Nullable StoreRequest request) {
      return request == null
          ? CompletableFuture.failedStage(new NullPointerException("request"))
          : sound.store(request);
    }
  }

  private static final class NullList extends ForwardingAdapter {
    NullList(L2Adapter sound) {
      super(sound);
    }

    @Override
    public CompletionStage<KeyPage> list(@Nullable ListRequest request) {
      return sound.list(Objects.requireNonNullElse(request, ListRequest.first(10)));
    }
  }

  private static final class LoadsDisordered extends ForwardingAdapter {
    LoadsDisordered(L2Adapter sound) {
      super(sound);
    }

    @Override
    public CompletionStage<LoadResult> load(LoadRequest request) {
      return sound
          .load(request)
          .thenApply(r -> r.size() == MANY ? new LoadResult(Changing.sorted(r.keys())) : r);
    }
  }

  private static final class DeletesOneTooFew extends ForwardingAdapter {
    DeletesOneTooFew(L2Adapter sound) {
      super(sound);
    }

    @Override
    public CompletionStage<DeleteResult> delete(DeleteRequest request) {
      return sound
          .delete(request)
          .thenApply(r -> r.size() == MANY ? new DeleteResult(r.keys().subList(0, MANY - 1)) : r);
    }
  }

  private static final class NeverCompletes extends ForwardingAdapter {
    NeverCompletes(L2Adapter sound) {
      super(sound);
    }

    @Override
    public CompletionStage<LookupLease> lookup(LookupRequest request) {
      return request.keys().size() == MANY ? new CompletableFuture<>() : sound.lookup(request);
    }
  }

  /** Hands out its own future of one kind of request. */
  private static final class OwnFutures extends ForwardingAdapter {
    private final String of;

    OwnFutures(L2Adapter sound, String of) {
      super(sound);
      this.of = of;
    }

    private <T> CompletionStage<T> handedOut(String kind, CompletionStage<T> stage) {
      return of.equals(kind) ? stage.toCompletableFuture() : stage;
    }

    @Override
    public CompletionStage<StoreResult> store(StoreRequest request) {
      return handedOut("store", sound.store(request));
    }

    @Override
    public CompletionStage<LoadResult> load(LoadRequest request) {
      return handedOut("load", sound.load(request));
    }

    @Override
    public CompletionStage<LookupLease> lookup(LookupRequest request) {
      return handedOut("lookup", sound.lookup(request));
    }

    @Override
    public CompletionStage<DeleteResult> delete(DeleteRequest request) {
      return handedOut("delete", sound.delete(request));
    }

    @Override
    public CompletionStage<KeyPage> list(ListRequest request) {
      return handedOut("page", sound.list(request));
    }
  }

  private static final class ThrowsClosed extends ForwardingAdapter {
    ThrowsClosed(L2Adapter sound) {
      super(sound);
    }

    @Override
    public CompletionStage<StoreResult> store(StoreRequest request) {
      return sound
          .store(request)
          .thenApply(
              r -> {
                L2Error error = r.error(0);
                if (error != null && error.code() == L2ErrorCode.CLOSED) {
                  throw new IllegalStateException("closed");
                }
                return r;
              });
    }
  }

  /** Changes the results of loads key by key. */
  private abstract static class ChangedLoads extends ForwardingAdapter {
    ChangedLoads(L2Adapter sound) {
      super(sound);
    }

    abstract KeyResult<LoadOutcome> changed(KeyResult<LoadOutcome> result);

    @Override
    public CompletionStage<LoadResult> load(LoadRequest request) {
      return sound
          .load(request)
          .thenApply(r -> new LoadResult(r.keys().stream().map(this::changed).toList()));
    }
  }

  private static final class AbsenceIsAnError extends ChangedLoads {
    AbsenceIsAnError(L2Adapter sound) {
      super(sound);
    }

    @Override
    KeyResult<LoadOutcome> changed(KeyResult<LoadOutcome> result) {
      return result.outcome() == LoadOutcome.NOT_FOUND
          ? KeyResult.of(LoadOutcome.NOT_FOUND, L2Error.of(L2ErrorCode.IO, Retry.NEVER, "ENOENT"))
          : result;
    }
  }

  private static final class TwoLines extends ChangedLoads {
    TwoLines(L2Adapter sound) {
      super(sound);
    }

    @Override
    KeyResult<LoadOutcome> changed(KeyResult<LoadOutcome> result) {
      L2Error error = result.error();
      return error != null && error.code() == L2ErrorCode.DEADLINE
          ? KeyResult.of(LoadOutcome.FAILED, L2Error.deadline(error.text() + "\n\tat load"))
          : result;
    }
  }

  private static LookupLease noErrors(LookupLease lease) {
    return new ForwardingLease(lease) {
      @Override
      public @Nullable L2Error error(int i) {
        return null;
      }
    };
  }

  private static final class NoStoreInContinuation extends ForwardingAdapter {
    private final ThreadLocal<Boolean> completing = ThreadLocal.withInitial(() -> false);

    NoStoreInContinuation(L2Adapter sound) {
      super(sound);
    }

    @Override
    public CompletionStage<LoadResult> load(LoadRequest request) {
      CompletableFuture<LoadResult> future = new CompletableFuture<>();
      sound
          .load(request)
          .thenAccept(
              result -> {
                completing.set(true);
                future.complete(result);
                completing.remove();
              });
      return future.minimalCompletionStage();
    }

    @Override
    public CompletionStage<StoreResult> store(StoreRequest request) {
      if (completing.get()) {
        throw new IllegalStateException("a store from what is chained to a load");
      }
      return sound.store(request);
    }
  }
}
