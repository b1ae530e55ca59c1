// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2AdapterListener;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.RemovalReason;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/** Events that are early, out of order, of a wrong form, or in the way. */
final class EventOrderMutants {

  /** The size of objects that only tests about events use, so that few others are disturbed. */
  private static final long SIZE = 2000;

  private EventOrderMutants() {}

  static List<Mutant> all() {
    return List.of(
        listenerBeforeStage(),
        listenerBeforeAccounting(),
        EventMutants.of("EVENT-6", "a listener that threw is not called again", GivesUp::new),
        listenerHoldsLock(),
        dropsStoredWhenTheyBackUp(),
        EventMutants.executing(
            "EVENT-7", "removed events are handed to an executor of their own", RemovedAside::new),
        EventMutants.executing("EVENT-7", "accessed events come beside others", AccessedAside::new),
        EventMutants.of("EVENT-8", "uses its list again", SameList::new),
        EventMutants.of("EVENT-8", "names a key twice", RepeatsKey::new),
        EventMutants.of("EVENT-8", "a list of sizes that is too short", ShortSizes::new),
        EventMutants.telling("EVENT-8", "an event of no keys", TellsNothing::new));
  }

  // ---- when it is heard

  private static Mutant listenerBeforeStage() {
    return new Mutant("EVENT-5", "the listener hears of a store before its stage is complete") {
      private final Map<ObjectKey, CompletableFuture<Void>> heard = new ConcurrentHashMap<>();

      @Override
      L2AdapterContext context(L2AdapterContext context) {
        L2AdapterListener listener =
            new ForwardingListener(context.listener()) {
              @Override
              public void stored(List<ObjectKey> keys, List<Long> sizes) {
                super.stored(keys, sizes);
                if (sizes.contains(SIZE)) {
                  keys.forEach(key -> told(key).complete(null));
                }
              }
            };
        return new ForwardingContext(context) {
          @Override
          public L2AdapterListener listener() {
            return listener;
          }
        };
      }

      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new ForwardingAdapter(adapter) {
          @Override
          public CompletionStage<StoreResult> store(StoreRequest request) {
            if (request.items().size() > 1 || request.items().get(0).object().sizeBytes() != SIZE) {
              return sound.store(request);
            }
            return sound
                .store(request)
                .thenCompose(
                    result ->
                        result.outcome(0) == StoreOutcome.STORED
                            ? told(request.items().get(0).key()).thenApply(v -> result)
                            : CompletableFuture.completedStage(result));
          }
        };
      }

      private CompletableFuture<Void> told(ObjectKey key) {
        return heard.computeIfAbsent(key, k -> new CompletableFuture<>());
      }
    };
  }

  private static Mutant listenerBeforeAccounting() {
    return new Mutant("EVENT-5", "the listener hears of a delete before it is counted") {
      private final ThreadLocal<Boolean> telling = ThreadLocal.withInitial(() -> false);

      @Override
      L2AdapterContext context(L2AdapterContext context) {
        L2AdapterListener listener =
            new ForwardingListener(context.listener()) {
              @Override
              public void removed(List<ObjectKey> keys, List<Long> sizes, RemovalReason reason) {
                telling.set(reason == RemovalReason.DELETED);
                super.removed(keys, sizes, reason);
                telling.remove();
              }
            };
        return new ForwardingContext(context) {
          @Override
          public L2AdapterListener listener() {
            return listener;
          }
        };
      }

      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new ForwardingAdapter(adapter) {
          private volatile AdapterUsage before = adapter.usage();

          @Override
          public CompletionStage<DeleteResult> delete(DeleteRequest request) {
            before = sound.usage();
            return sound.delete(request);
          }

          @Override
          public AdapterUsage usage() {
            return telling.get() ? before : sound.usage();
          }
        };
      }
    };
  }

  // ---- what a listener can do

  /** Catches what a listener throws, and never calls it again; stays in the way of no request. */
  private static final class GivesUp extends ForwardingListener {
    private volatile boolean threw;

    GivesUp(L2AdapterListener sound) {
      super(sound);
    }

    @Override
    public void stored(List<ObjectKey> keys, List<Long> sizes) {
      if (threw) {
        return;
      }
      try {
        sound.stored(keys, sizes);
      } catch (RuntimeException | Error e) {
        threw = true;
        throw e;
      }
    }
  }

  private static Mutant listenerHoldsLock() {
    return new Mutant("EVENT-6", "a store waits for a listener that does not return") {
      private final ReentrantLock lock = new ReentrantLock();

      @Override
      L2AdapterContext context(L2AdapterContext context) {
        L2AdapterListener listener =
            new ForwardingListener(context.listener()) {
              @Override
              public void stored(List<ObjectKey> keys, List<Long> sizes) {
                lock.lock();
                try {
                  super.stored(keys, sizes);
                } finally {
                  lock.unlock();
                }
              }
            };
        return new ForwardingContext(context) {
          @Override
          public L2AdapterListener listener() {
            return listener;
          }
        };
      }

      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new ForwardingAdapter(adapter) {
          @Override
          public CompletionStage<StoreResult> store(StoreRequest request) {
            lock.lock();
            try {
              return sound.store(request);
            } finally {
              lock.unlock();
            }
          }
        };
      }
    };
  }

  // ---- in which order and form

  private static final class RemovedAside extends ForwardingListener {
    private final Executor executor;

    RemovedAside(L2AdapterListener sound, Executor executor) {
      super(sound);
      this.executor = executor;
    }

    @Override
    public void removed(List<ObjectKey> keys, List<Long> sizes, RemovalReason reason) {
      executor.execute(() -> sound.removed(keys, sizes, reason));
    }
  }

  private static final class AccessedAside extends ForwardingListener {
    private final Executor executor;

    AccessedAside(L2AdapterListener sound, Executor executor) {
      super(sound);
      this.executor = executor;
    }

    @Override
    public void accessed(List<ObjectKey> keys) {
      executor.execute(() -> sound.accessed(keys));
    }
  }

  private static final class SameList extends ForwardingListener {
    private final List<ObjectKey> same = new ArrayList<>();

    SameList(L2AdapterListener sound) {
      super(sound);
    }

    @Override
    public void accessed(List<ObjectKey> keys) {
      same.clear();
      same.addAll(keys);
      sound.accessed(same);
    }
  }

  private static final class RepeatsKey extends ForwardingListener {
    RepeatsKey(L2AdapterListener sound) {
      super(sound);
    }

    @Override
    public void accessed(List<ObjectKey> keys) {
      sound.accessed(keys.size() > 1 ? Changing.with(keys, keys.get(0)) : keys);
    }
  }

  private static final class ShortSizes extends ForwardingListener {
    ShortSizes(L2AdapterListener sound) {
      super(sound);
    }

    @Override
    public void removed(List<ObjectKey> keys, List<Long> sizes, RemovalReason reason) {
      sound.removed(keys, keys.size() > 1 ? sizes.subList(0, 1) : sizes, reason);
    }
  }

  private static final class TellsNothing extends EventMutants.Telling {
    TellsNothing(L2Adapter sound, L2AdapterListener listener) {
      super(sound, listener);
    }

    @Override
    public CompletionStage<DeleteResult> delete(DeleteRequest request) {
      return sound
          .delete(request)
          .thenApply(
              result -> {
                if (result.count(DeleteOutcome.DELETED) == 0) {
                  listener.removed(List.of(), List.of(), RemovalReason.DELETED);
                }
                return result;
              });
    }
  }

  // ---- events that back up

  private static Mutant dropsStoredWhenTheyBackUp() {
    return new Mutant("EVENT-1", "stored events are dropped while more than 500 wait") {
      private AtomicInteger waiting = new AtomicInteger();

      @Override
      L2AdapterContext context(L2AdapterContext context) {
        AtomicInteger backlog = new AtomicInteger();
        waiting = backlog;
        L2AdapterListener listener =
            new ForwardingListener(context.listener()) {
              @Override
              public void stored(List<ObjectKey> keys, List<Long> sizes) {
                if (backlog.getAndAdd(-keys.size()) <= 500) {
                  super.stored(keys, sizes);
                }
              }
            };
        return new ForwardingContext(context) {
          @Override
          public L2AdapterListener listener() {
            return listener;
          }
        };
      }

      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        AtomicInteger backlog = waiting;
        return new ForwardingAdapter(adapter) {
          @Override
          public CompletionStage<StoreResult> store(StoreRequest request) {
            return super.store(request)
                .thenApply(
                    result -> {
                      backlog.addAndGet(result.count(StoreOutcome.STORED));
                      return result;
                    });
          }
        };
      }
    };
  }
}
