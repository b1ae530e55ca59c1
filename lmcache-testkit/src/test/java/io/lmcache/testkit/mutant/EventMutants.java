// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2AdapterListener;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.RemovalReason;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Events that say something wrong; {@link EventOrderMutants} has those that come wrong. */
final class EventMutants {

  /** The size of objects that only tests about events use, so that few others are disturbed. */
  private static final long SIZE = 2000;

  private EventMutants() {}

  static List<Mutant> all() {
    return Stream.concat(content().stream(), EventOrderMutants.all().stream()).toList();
  }

  private static List<Mutant> content() {
    return List.of(
        of("EVENT-1", "fires stored twice", StoredTwice::new),
        of("EVENT-1", "an object of no bytes is not stored", NoEmptyStored::new),
        of("EVENT-1", "stored with the size of the first key", FirstSize::new),
        telling("EVENT-1", "ALREADY_PRESENT is stored", TellsPresent::new),
        of("EVENT-2", "drops a removed event", DropsRemoved::new),
        of(
            "EVENT-2",
            "removed with another size",
            l -> new SizeOfRemoved(l, RemovalReason.DELETED)),
        telling(
            "EVENT-2",
            "a pinned key is removed",
            (a, l) -> new TellsLeft(a, l, DeleteOutcome.PINNED)),
        telling(
            "EVENT-2",
            "an absent key is removed",
            (a, l) -> new TellsLeft(a, l, DeleteOutcome.ABSENT)),
        of("EVENT-3", "drops removed(REPLACED)", NoReplaced::new),
        of("EVENT-3", "REPLACED comes after stored", ReplacedLater::new),
        of(
            "EVENT-3",
            "REPLACED with another size",
            l -> new SizeOfRemoved(l, RemovalReason.REPLACED)),
        of("EVENT-4", "accessed is dropped", NoAccessed::new),
        telling("EVENT-4", "a lookup is an access", TellsLookups::new),
        telling("EVENT-4", "a load that does not fit is an access", TellsMismatch::new));
  }

  static Mutant executing(
      String rule,
      String fault,
      BiFunction<L2AdapterListener, Executor, L2AdapterListener> change) {
    return new Mutant(rule, fault) {
      @Override
      L2AdapterContext context(L2AdapterContext context) {
        L2AdapterListener listener = change.apply(context.listener(), context.completionExecutor());
        return new ForwardingContext(context) {
          @Override
          public L2AdapterListener listener() {
            return listener;
          }
        };
      }
    };
  }

  /** Changes what the listener hears. */
  static Mutant of(String rule, String fault, UnaryOperator<L2AdapterListener> change) {
    return executing(rule, fault, (listener, executor) -> change.apply(listener));
  }

  /** Tells the listener more than the sound adapter does. */
  static Mutant telling(
      String rule, String fault, BiFunction<L2Adapter, L2AdapterListener, L2Adapter> change) {
    return new Mutant(rule, fault) {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return change.apply(adapter, context.listener());
      }
    };
  }

  // ---- what is heard

  private static final class StoredTwice extends ForwardingListener {
    StoredTwice(L2AdapterListener sound) {
      super(sound);
    }

    @Override
    public void stored(List<ObjectKey> keys, List<Long> sizes) {
      sound.stored(keys, sizes);
      if (sizes.get(0) > 1) {
        sound.stored(keys, sizes);
      }
    }
  }

  /** Leaves keys out of stored events. */
  private static final class NoEmptyStored extends ForwardingListener {
    NoEmptyStored(L2AdapterListener sound) {
      super(sound);
    }

    @Override
    public void stored(List<ObjectKey> keys, List<Long> sizes) {
      int[] kept = IntStream.range(0, keys.size()).filter(i -> sizes.get(i) > 0).toArray();
      if (kept.length > 0) {
        sound.stored(
            IntStream.of(kept).mapToObj(keys::get).toList(),
            IntStream.of(kept).mapToObj(sizes::get).toList());
      }
    }
  }

  private static final class FirstSize extends ForwardingListener {
    FirstSize(L2AdapterListener sound) {
      super(sound);
    }

    @Override
    public void stored(List<ObjectKey> keys, List<Long> sizes) {
      sound.stored(keys, sizes.stream().map(size -> sizes.get(0)).toList());
    }
  }

  /** An adapter that tells the listener more. */
  abstract static class Telling extends ForwardingAdapter {
    final L2AdapterListener listener;

    Telling(L2Adapter sound, L2AdapterListener listener) {
      super(sound);
      this.listener = listener;
    }
  }

  private static final class TellsPresent extends Telling {
    TellsPresent(L2Adapter sound, L2AdapterListener listener) {
      super(sound, listener);
    }

    @Override
    public CompletionStage<StoreResult> store(StoreRequest request) {
      return sound
          .store(request)
          .thenApply(
              result -> {
                for (int i = 0; i < result.size(); i++) {
                  if (result.outcome(i) == StoreOutcome.ALREADY_PRESENT) {
                    listener.stored(List.of(request.items().get(i).key()), List.of(SIZE));
                  }
                }
                return result;
              });
    }
  }

  private static final class DropsRemoved extends ForwardingListener {
    DropsRemoved(L2AdapterListener sound) {
      super(sound);
    }

    @Override
    public void removed(List<ObjectKey> keys, List<Long> sizes, RemovalReason reason) {
      if (reason != RemovalReason.DELETED || keys.size() > 1) {
        sound.removed(keys, sizes, reason);
      }
    }
  }

  private static final class SizeOfRemoved extends ForwardingListener {
    private final RemovalReason wrong;

    SizeOfRemoved(L2AdapterListener sound, RemovalReason wrong) {
      super(sound);
      this.wrong = wrong;
    }

    @Override
    public void removed(List<ObjectKey> keys, List<Long> sizes, RemovalReason reason) {
      sound.removed(
          keys, reason == wrong ? sizes.stream().map(size -> size + 1).toList() : sizes, reason);
    }
  }

  private static final class TellsLeft extends Telling {
    private final DeleteOutcome outcome;

    TellsLeft(L2Adapter sound, L2AdapterListener listener, DeleteOutcome outcome) {
      super(sound, listener);
      this.outcome = outcome;
    }

    @Override
    public CompletionStage<DeleteResult> delete(DeleteRequest request) {
      return sound
          .delete(request)
          .thenApply(
              result -> {
                for (int i = 0; i < result.size(); i++) {
                  if (result.outcome(i) == outcome) {
                    listener.removed(
                        List.of(request.keys().get(i)), List.of(0L), RemovalReason.DELETED);
                  }
                }
                return result;
              });
    }
  }

  private static final class NoReplaced extends ForwardingListener {
    NoReplaced(L2AdapterListener sound) {
      super(sound);
    }

    @Override
    public void removed(List<ObjectKey> keys, List<Long> sizes, RemovalReason reason) {
      if (reason != RemovalReason.REPLACED) {
        sound.removed(keys, sizes, reason);
      }
    }
  }

  /** Keeps a REPLACED event until the stored event behind it; both come one at a time. */
  private static final class ReplacedLater extends ForwardingListener {
    private Runnable kept = () -> {};

    ReplacedLater(L2AdapterListener sound) {
      super(sound);
    }

    @Override
    public synchronized void removed(List<ObjectKey> keys, List<Long> sizes, RemovalReason reason) {
      if (reason == RemovalReason.REPLACED) {
        kept = () -> sound.removed(keys, sizes, reason);
      } else {
        sound.removed(keys, sizes, reason);
      }
    }

    @Override
    public synchronized void stored(List<ObjectKey> keys, List<Long> sizes) {
      sound.stored(keys, sizes);
      kept.run();
      kept = () -> {};
    }
  }

  private static final class NoAccessed extends ForwardingListener {
    NoAccessed(L2AdapterListener sound) {
      super(sound);
    }

    @Override
    public void accessed(List<ObjectKey> keys) {}
  }

  private static final class TellsLookups extends Telling {
    TellsLookups(L2Adapter sound, L2AdapterListener listener) {
      super(sound, listener);
    }

    @Override
    public CompletionStage<LookupLease> lookup(LookupRequest request) {
      return sound
          .lookup(request)
          .thenApply(
              lease -> {
                if (request.pin() && lease.hit(0)) {
                  listener.accessed(request.keys().subList(0, 1));
                }
                return lease;
              });
    }
  }

  private static final class TellsMismatch extends Telling {
    TellsMismatch(L2Adapter sound, L2AdapterListener listener) {
      super(sound, listener);
    }

    @Override
    public CompletionStage<LoadResult> load(LoadRequest request) {
      return sound
          .load(request)
          .thenApply(
              result -> {
                for (int i = 0; i < result.size(); i++) {
                  if (result.outcome(i) == LoadOutcome.SIZE_MISMATCH) {
                    listener.accessed(List.of(request.items().get(i).key()));
                  }
                }
                return result;
              });
    }
  }
}
