// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.adapter.StoredObject;
import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Retry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** A connector without native code: batches wait until the test says how they end. */
final class FakeConnector implements NativeConnector {

  private sealed interface Signal {}

  private record Done(NativeBatch batch, List<NativeOutcome> outcomes) implements Signal {}

  private record Unknown() implements Signal {}

  private record Stop() implements Signal {}

  private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
  private final BlockingQueue<NativeBatch> accepted = new LinkedBlockingQueue<>();
  private final AtomicInteger underWay = new AtomicInteger();
  private final AtomicReference<@Nullable Error> planned = new AtomicReference<>();
  private volatile boolean brokenListings;
  private volatile boolean brokenWords;
  private volatile boolean refusing;
  private volatile boolean stopped;
  private volatile boolean destroyed;

  /** The next batch that was accepted; waits for it. */
  NativeBatch take() throws InterruptedException {
    return accepted.take();
  }

  /** How many accepted batches nobody took. */
  int waiting() {
    return accepted.size();
  }

  /** The next submit throws. */
  void throwOnce(Error error) {
    planned.set(error);
  }

  /** Every listing overflows the stack from now on. */
  void breakListings() {
    brokenListings = true;
  }

  /** No failure can be put into words from now on. */
  void breakWords() {
    brokenWords = true;
  }

  void refuse() {
    refusing = true;
  }

  boolean isDestroyed() {
    return destroyed;
  }

  /** Ends a batch. */
  void complete(NativeBatch batch, IntFunction<NativeOutcome> outcome) {
    List<NativeOutcome> outcomes = new ArrayList<>();
    for (int i = 0; i < batch.names().size(); i++) {
      outcomes.add(outcome.apply(i));
    }
    signals.add(new Done(batch, outcomes));
  }

  /** Delivers results of a batch that nobody sent. */
  void completeUnknown() {
    signals.add(new Unknown());
  }

  @Override
  public AdapterLimits limits() {
    return AdapterLimits.DEFAULT;
  }

  @Override
  public NativeName name(ObjectKey key) {
    return new NativeName(key.toString(), key, true);
  }

  @Override
  public boolean submit(NativeBatch batch) {
    Error error = planned.getAndSet(null);
    if (error != null) {
      throw error;
    }
    if (refusing || stopped) {
      return false;
    }
    underWay.incrementAndGet();
    return accepted.add(batch);
  }

  @Override
  public boolean drain(Completions completions) {
    Signal signal;
    try {
      signal = signals.take();
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts the drain thread", e);
    }
    if (signal instanceof Done done) {
      long[] words = new long[2 * done.outcomes().size()];
      for (int i = 0; i < done.outcomes().size(); i++) {
        words[2 * i] = NativeResult.word(done.outcomes().get(i), NativeStep.READ, 5);
      }
      completions.completed(done.batch().id(), words, 0, done.outcomes().size());
      underWay.decrementAndGet();
    } else if (signal instanceof Unknown) {
      completions.completed(-77, new long[2], 0, 1);
    }
    return !stopped || underWay.get() > 0;
  }

  @Override
  public int cancelQueued() {
    int cancelled = 0;
    List<NativeBatch> queued = new ArrayList<>();
    accepted.drainTo(queued);
    for (NativeBatch batch : queued) {
      cancelled += batch.names().size();
      complete(batch, i -> NativeOutcome.CLOSED);
    }
    return cancelled;
  }

  @Override
  public int running() {
    return 0;
  }

  @Override
  public void stop() {
    stopped = true;
    signals.add(new Stop());
  }

  @Override
  public void destroy() {
    destroyed = true;
  }

  @Override
  public L2Error describe(
      NativeOperation operation, ObjectKey key, NativeStep step, int errno, long detail) {
    if (brokenWords) {
      throw FakeConnector.<RuntimeException>undeclared(new IOException("planned"));
    }
    return L2Error.of(L2ErrorCode.IO, Retry.LATER, operation + " " + key);
  }

  /** As code in another language may throw it, so that no catch of what Java declares is enough. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <E extends Exception> E undeclared(Exception e) throws E {
    throw (E) e;
  }

  @Override
  public Callable<KeyPage> page(ListRequest request) {
    return () -> {
      if (brokenListings) {
        throw new StackOverflowError("planned");
      }
      return new KeyPage(List.of(), null, null);
    };
  }

  @Override
  public void forEach(Consumer<StoredObject> visitor) {}

  @Override
  public Map<String, String> details() {
    return Map.of();
  }
}
