// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.adapter.Backend;
import io.lmcache.adapter.Batch;
import io.lmcache.adapter.Condition;
import io.lmcache.adapter.Operation;
import io.lmcache.adapter.Outcome;
import io.lmcache.adapter.StorageException;
import io.lmcache.adapter.StoredObject;
import io.lmcache.adapter.ThreadFailure;
import io.lmcache.l2.fs.UnsupportedKeyException;
import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Retry;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The backend over a {@link NativeConnector}: gives batches a number and takes their results off
 * the connector.
 *
 * <p><b>Threads.</b> Any may submit; one drain thread blocks in native code, takes the results of
 * each batch and so completes requests.
 *
 * <p><b>Why nothing is lost.</b> {@code sent} holds every batch, and with it the request and its
 * buffers, until the connector has handed over its results. The drain thread refers to it and lives
 * until the connector has handed over everything, also after a close that did not wait for that;
 * then it frees the connector.
 */
final class NativeBackend implements Backend<NativeName> {

  private static final Logger log = LoggerFactory.getLogger(NativeBackend.class);
  private static final L2Error BROKEN =
      L2Error.of(L2ErrorCode.INTERNAL, Retry.NEVER, "the native client lost count of a batch");
  private static final L2Error UNREADABLE =
      L2Error.of(
          L2ErrorCode.INTERNAL,
          Retry.NEVER,
          "the native client's answer could not be read; the log says why");

  private final NativeConnector connector;
  private final String name;
  private final Map<Long, Batch<NativeName>> sent = new ConcurrentHashMap<>();
  private final AtomicLong nextBatch = new AtomicLong();
  private final Thread drainThread;
  private volatile boolean draining;

  NativeBackend(NativeConnector connector, L2AdapterContext context) {
    this.connector = connector;
    this.name = context.name();
    this.drainThread = context.threads().newThread(this::drain);
    drainThread.setName("lmc-drain");
  }

  @Override
  public AdapterLimits limits() {
    return connector.limits();
  }

  @Override
  public NativeName name(ObjectKey key) throws StorageException {
    try {
      return connector.name(key);
    } catch (UnsupportedKeyException e) {
      String reason = String.valueOf(e.getMessage());
      throw new StorageException(L2Error.of(L2ErrorCode.UNSUPPORTED_KEY, Retry.NEVER, reason), e);
    }
  }

  @Override
  public void start() throws IOException {
    try {
      drainThread.start();
    } catch (RuntimeException | Error e) {
      throw ThreadFailure.of("the drain thread", e);
    }
    draining = true;
  }

  @Override
  public List<Thread> threads() {
    return List.of(drainThread);
  }

  @Override
  public boolean submit(Batch<NativeName> batch) {
    long id = nextBatch.incrementAndGet();
    NativeBatch numbered =
        new NativeBatch(
            id,
            operation(batch.operation()),
            batch.replace(),
            batch.deletesFirst(),
            batch.priority(),
            batch.timeoutNanos(),
            batch.names(),
            batch.objects());
    sent.put(id, batch);
    boolean accepted = false;
    try {
      accepted = connector.submit(numbered);
      return accepted;
    } finally {
      if (!accepted) {
        sent.remove(id);
      }
    }
  }

  private void drain() {
    boolean more = true;
    while (more) {
      try {
        more = connector.drain(this::completed);
      } catch (Throwable e) {
        complain("completions could not be taken", e);
      }
    }
    connector.destroy();
  }

  /**
   * Ends every item, whatever happens to one of them: throws nothing. For code of others runs here,
   * and without this thread nothing would ever end again.
   */
  private void completed(long id, long[] words, int offset, int items) {
    Batch<NativeName> batch = sent.remove(id);
    boolean counted = batch != null && batch.size() == items;
    if (!counted) {
      complain("results for an unknown batch " + id + " of " + items + " items", null);
    }
    for (int k = 0; batch != null && k < batch.size(); k++) {
      try {
        if (counted) {
          end(batch, k, words[offset + 2 * k], words[offset + 2 * k + 1]);
        } else {
          batch.failed(k, BROKEN);
        }
      } catch (Throwable e) {
        complain("a request could not be completed", e);
      }
    }
  }

  private void end(Batch<NativeName> batch, int k, long word, long bytes) {
    Object ending = ending(batch, k, word, bytes);
    if (ending instanceof L2Error error) {
      batch.failed(k, error);
    } else {
      batch.ended(k, (Outcome) ending, bytes);
    }
  }

  /** An {@link Outcome} or an {@link L2Error}; throws nothing, so that the item can end. */
  private Object ending(Batch<NativeName> batch, int k, long word, long bytes) {
    try {
      NativeOutcome outcome = NativeResult.outcome(word);
      if (outcome == NativeOutcome.FAILED || outcome == NativeOutcome.PENDING) {
        return connector.describe(
            operation(batch.operation()),
            batch.key(k),
            NativeResult.step(word),
            NativeResult.errno(word),
            bytes);
      }
      if (NativeResult.fallback(word) != NativeFallback.NONE) {
        tellFallback(batch.key(k), word);
      }
      return outcome(outcome);
    } catch (Throwable e) {
      complain("a result could not be read", e);
      return UNREADABLE;
    }
  }

  /** Whatever comes of it, the object was moved. */
  private void tellFallback(ObjectKey key, long word) {
    try {
      connector.fellBack(key, NativeResult.fallback(word), NativeResult.errno(word));
    } catch (Throwable e) {
      complain("a fallback could not be told", e);
    }
  }

  /** Logs, if there is memory left to, and a logger that works. */
  private void complain(String what, @Nullable Throwable failure) {
    try {
      log.error("{}: {}", name, what, failure);
    } catch (Throwable t) {
      // Nobody is left to tell, and what is under way must end all the same.
    }
  }

  private static NativeOperation operation(Operation operation) {
    return switch (operation) {
      case STORE -> NativeOperation.SET;
      case LOAD -> NativeOperation.GET;
      case LOOKUP -> NativeOperation.EXISTS;
      case DELETE -> NativeOperation.REMOVE;
    };
  }

  private static Outcome outcome(NativeOutcome outcome) {
    return switch (outcome) {
      case STORED -> Outcome.STORED;
      case ALREADY_PRESENT -> Outcome.ALREADY_PRESENT;
      case LOADED -> Outcome.LOADED;
      case NOT_FOUND -> Outcome.NOT_FOUND;
      case SIZE_MISMATCH -> Outcome.SIZE_MISMATCH;
      case FOUND -> Outcome.FOUND;
      case DELETED -> Outcome.DELETED;
      case ABSENT -> Outcome.ABSENT;
      case CORRUPT -> Outcome.CORRUPT;
      case DEADLINE -> Outcome.DEADLINE;
      case CLOSED -> Outcome.CLOSED;
      case FAILED, PENDING -> throw new IllegalArgumentException("no outcome: " + outcome);
    };
  }

  @Override
  public int cancelQueued() {
    return connector.cancelQueued();
  }

  @Override
  public int running() {
    return connector.running();
  }

  @Override
  public void stop() {
    connector.stop();
    if (!draining) {
      // It could not be started, so nothing was sent: this only hands over the connector's end.
      drain();
    }
  }

  @Override
  public Callable<KeyPage> page(ListRequest request) {
    return connector.page(request);
  }

  @Override
  public void forEach(Consumer<StoredObject> visitor) throws IOException {
    connector.forEach(visitor);
  }

  @Override
  public boolean exclusive() {
    return connector.exclusive();
  }

  @Override
  public Condition condition() {
    return connector.condition();
  }

  @Override
  public Map<String, String> details() {
    return connector.details();
  }
}
