// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.Health;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Retry;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * The backend of {@link BlockingL2Adapter}: Java threads that call a {@link BlockingStorage}.
 *
 * <p><b>The way.</b> A batch waits in the {@link WorkQueue}; workers take its items one by one, so
 * that one batch keeps all of them busy, and report what the storage answered.
 *
 * <p><b>Threads.</b> A fixed number of workers, {@code lmc-io-0} and on, all started before the
 * adapter serves; idle ones sleep without a time limit. Nobody interrupts them; an interrupt that a
 * storage or a continuation left behind does not reach the next call.
 *
 * <p><b>Why nothing is lost.</b> Whatever a call throws ends its item as failed and leaves the
 * worker alive. Should a worker die all the same, the others go on; the last one fails what is
 * queued, and what comes after is refused. The storage is closed by the last of its users, so it
 * stays as long as a call is inside.
 *
 * <p><b>Why it cannot hang.</b> No lock is held during a call, and no worker waits for another.
 */
final class WorkerPool implements Backend<ObjectKey> {

  private static final Logger log = System.getLogger(WorkerPool.class.getName());
  private static final L2Error CLOSED = L2Error.closed("the adapter is closed");
  private static final L2Error NO_WORKER =
      L2Error.of(L2ErrorCode.UNAVAILABLE, Retry.NEVER, "the storage has no worker left");

  private final BlockingStorage storage;
  private final AdapterLimits limits;
  private final StorageKeeper keeper;
  private final L2AdapterContext context;
  private final Clock clock;
  private final int workers;
  private final WorkQueue queue = new WorkQueue();
  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private volatile Runnable conditionChanged = () -> {};
  private int alive;
  private int died;

  WorkerPool(BlockingStorage storage, int workers, L2AdapterContext context) {
    if (workers < 1) {
      throw new IllegalArgumentException("workers must be >= 1, got " + workers);
    }
    this.storage = storage;
    this.limits = storage.limits();
    this.keeper = new StorageKeeper(storage, context.name());
    this.context = context;
    this.clock = context.clock();
    this.workers = workers;
  }

  @Override
  public AdapterLimits limits() {
    return limits;
  }

  @Override
  public ObjectKey name(ObjectKey key) throws StorageException {
    int most = limits.maxKeyBytes();
    if (most < ObjectKey.MAX_CANONICAL_BYTES) {
      int bytes = key.toString().getBytes(StandardCharsets.UTF_8).length;
      if (bytes > most) {
        throw new StorageException(
            L2Error.of(
                L2ErrorCode.UNSUPPORTED_KEY,
                Retry.NEVER,
                "a key may have " + most + " bytes, this one has " + bytes + ": " + key));
      }
    }
    storage.requireSupported(key);
    return key;
  }

  @Override
  public void start() throws IOException {
    for (int i = 0; i < workers; i++) {
      keeper.enter();
      synchronized (this) {
        alive++;
      }
      try {
        Thread thread = context.threads().newThread(this::work);
        thread.setName("lmc-io-" + i);
        thread.start();
        threads.add(thread);
      } catch (RuntimeException | Error e) {
        left(false);
        throw ThreadFailure.of("worker " + i + " of " + workers, e);
      }
    }
  }

  private void work() {
    boolean stopped = false;
    try {
      StorageCalls calls = new StorageCalls(storage);
      WorkQueue.Item item = new WorkQueue.Item();
      while (queue.take(item)) {
        serve(item, calls);
      }
      stopped = true;
    } finally {
      left(!stopped);
    }
  }

  private void serve(WorkQueue.Item item, StorageCalls calls) {
    Batch<ObjectKey> batch = item.batch();
    int k = item.index();
    item.clear();
    Object result;
    try {
      Thread.interrupted();
      result = isLate(batch) ? Outcome.DEADLINE : calls.perform(batch, k);
    } catch (RuntimeException | Error e) {
      result = StorageErrors.of("serve", batch.key(k), e);
    }
    queue.done();
    try {
      if (result instanceof Outcome outcome) {
        batch.ended(k, outcome, calls.sizeBytes());
      } else {
        batch.failed(k, (L2Error) result);
      }
    } catch (Throwable t) {
      complain("a completion could not be handled", t);
    }
  }

  /** Logs, if there is memory left to; whatever happens here, the worker goes on. */
  private void complain(String what, Throwable failure) {
    try {
      log.log(Level.ERROR, context.name() + ": " + what, failure);
    } catch (Throwable t) {
      // Nobody is left to tell.
    }
  }

  private boolean isLate(Batch<ObjectKey> batch) {
    Instant deadline = batch.deadline();
    return deadline != null && !clock.instant().isBefore(deadline);
  }

  /** A worker ends, or could not begin. */
  void left(boolean unexpectedly) {
    boolean none;
    synchronized (this) {
      alive--;
      died += unexpectedly ? 1 : 0;
      none = alive == 0 && died > 0;
    }
    if (none) {
      queue.stop();
      queue.endQueued((batch, k) -> batch.failed(k, NO_WORKER));
    }
    if (unexpectedly) {
      conditionChanged.run();
    }
    keeper.leave();
  }

  @Override
  public List<Thread> threads() {
    return threads;
  }

  @Override
  public boolean submit(Batch<ObjectKey> batch) {
    return queue.add(batch);
  }

  @Override
  public int cancelQueued() {
    return queue.endQueued((batch, k) -> batch.ended(k, Outcome.CLOSED, 0));
  }

  @Override
  public int running() {
    return queue.running();
  }

  @Override
  public void stop() {
    // While the workers still use the storage: so one of them closes it, which may take for ever.
    keeper.leave();
    queue.stop();
  }

  @Override
  public Callable<KeyPage> page(ListRequest request) {
    String cursor = request.cursor();
    if (cursor != null) {
      storage.checkCursor(cursor);
    }
    return () -> {
      if (!keeper.enter()) {
        return KeyPage.failed(CLOSED);
      }
      try {
        return storage.page(request);
      } finally {
        keeper.leave();
      }
    };
  }

  @Override
  public void forEach(Consumer<StoredObject> visitor) throws IOException {
    if (!keeper.enter()) {
      return;
    }
    try {
      storage.forEach(visitor);
    } finally {
      keeper.leave();
    }
  }

  @Override
  public boolean exclusive() {
    return storage.exclusive();
  }

  @Override
  public synchronized Condition condition() {
    if (died == 0) {
      return storage.condition();
    }
    return new Condition(
        alive == 0 ? Health.FAILED : Health.DEGRADED, died + " of " + workers + " workers died");
  }

  @Override
  public void whenConditionChanges(Runnable changed) {
    conditionChanged = changed;
  }

  @Override
  public Map<String, String> details() {
    Map<String, String> details = new LinkedHashMap<>(storage.details());
    details.put("workers", Integer.toString(workers));
    details.put("queued", Integer.toString(queue.queued()));
    details.put("running", Integer.toString(queue.running()));
    return details;
  }
}
