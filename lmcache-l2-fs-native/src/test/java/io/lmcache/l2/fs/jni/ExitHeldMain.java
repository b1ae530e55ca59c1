// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.core.AdapterEnvironment;
import io.lmcache.core.AdapterRegistry;
import io.lmcache.core.OpenAdapter;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.LoadItem;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreResult;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;

/**
 * Ends the JVM while every C++ thread that may is inside a file operation of one kind, and while
 * more of that kind wait in the queue; closes nothing. Arguments: what is held, how the JVM ends,
 * {@code base_path}. Before the end it says what is held and queued, and which thread is to end it.
 *
 * <p>The seam never lets go of what is held, so it is still under way when the process is gone.
 * Main waits for the seam, whose wait has a limit, and for the drain thread, which waits for main;
 * should either fail, main ends the JVM all the same, since that thread is a daemon.
 */
final class ExitHeldMain {

  /** How many operations are held: all threads that could take one. */
  static final int HELD = 3;

  private static final int SMALL = 5000;
  private static final int STAT_AT = 5;

  /** What is held. */
  enum Kind {
    STORE(NativeSeam.WRITE, "\"num_workers\":3", SMALL, 9, HELD),
    LOAD(NativeSeam.READ, "\"num_workers\":3", SMALL, 9, HELD),
    /** One object of three pieces, each of them in another thread. */
    SPLIT_LOAD(NativeSeam.READ, "\"num_workers\":3", 12 << 20, 2, 1),
    /** The worker has nothing to do. */
    READERS(NativeSeam.READ, "\"num_workers\":1,\"read_io_depth\":3", SMALL, 9, HELD),
    /** Of a shared directory; else an index would answer, and no file be looked at. */
    LOOKUP(STAT_AT, "\"num_workers\":3,\"shared\":true", SMALL, 9, HELD),
    DELETE(NativeSeam.UNLINK, "\"num_workers\":3", SMALL, 9, HELD);

    private final int operation;
    private final String fields;
    final int size;

    /** How many objects are stored before anything is held: keys 0, 1, …, in version 1. */
    final int stored;

    private final int heldItems;

    Kind(int operation, String fields, int size, int stored, int heldItems) {
      this.operation = operation;
      this.fields = fields;
      this.size = size;
      this.stored = stored;
      this.heldItems = heldItems;
    }

    /** Stores are held of one object that is there and of others that are not. */
    private int firstKey() {
      return this == STORE ? stored - 1 : 0;
    }

    /** The keys of all that is stored, held or queued are below. */
    int keys() {
      return firstKey() + stored;
    }

    /** How many wait in the queue. */
    int queued() {
      return stored - heldItems;
    }

    private List<ObjectKey> heldKeys() {
      return TestObjects.keys(firstKey() + heldItems).subList(firstKey(), firstKey() + heldItems);
    }

    private List<ObjectKey> queuedKeys() {
      return TestObjects.keys(keys()).subList(firstKey() + heldItems, keys());
    }
  }

  /** How the JVM ends. */
  enum Ending {
    EXIT(7),
    RETURN(0),
    /** Of an operation that has ended before; the drain thread, which runs it, ends the JVM. */
    EXIT_IN_CALLBACK(7);

    final int exit;

    Ending(int exit) {
      this.exit = exit;
    }
  }

  private ExitHeldMain() {}

  static OpenAdapter open(Kind kind, Path base) throws Exception {
    AdapterRegistry registry = AdapterRegistry.discover();
    String json = "{\"type\":\"fs_native\",\"base_path\":\"" + base + "\"," + kind.fields + "}";
    return registry.open(registry.parse("exit", json), AdapterEnvironment.of("exit"));
  }

  public static void main(String[] args) throws Exception {
    Kind kind = Kind.valueOf(args[0]);
    Ending ending = Ending.valueOf(args[1]);
    L2Adapter adapter = open(kind, Path.of(args[2])).adapter();
    int stored =
        TestObjects.store(adapter, TestObjects.keys(kind.stored), 1, kind.size)
            .count(StoreOutcome.STORED);
    if (stored != kind.stored) {
      throw new AssertionError(stored + " stored");
    }
    CompletableFuture<Void> held = new CompletableFuture<>();
    CompletionStage<Void> callback =
        ending == Ending.EXIT_IN_CALLBACK
            ? exitInCallback(adapter, kind, held)
            : CompletableFuture.completedStage(null);
    NativeSeam.hold(kind.operation);
    begin(adapter, kind, kind.heldKeys());
    NativeSeam.awaitHeld(HELD);
    begin(adapter, kind, kind.queuedKeys());
    switch (ending) {
      case EXIT -> {
        say(adapter);
        System.exit(ending.exit);
      }
      case RETURN -> say(adapter);
      case EXIT_IN_CALLBACK -> {
        held.complete(null);
        // Comes to an end only if the callback fails, which then is main's failure.
        callback.toCompletableFuture().join();
      }
    }
  }

  /** Returns when the drain thread is in the callback, where it waits for the others to be held. */
  private static CompletionStage<Void> exitInCallback(
      L2Adapter adapter, Kind kind, CompletableFuture<Void> whenHeld) throws Exception {
    NativeSeam.hold(NativeSeam.CREATE);
    CompletionStage<StoreResult> again =
        adapter.store(
            TestObjects.storeRequest(TestObjects.keys(1), 1, kind.size, StoreMode.REPLACE));
    NativeSeam.awaitHeld(1);
    CountDownLatch called = new CountDownLatch(1);
    CompletionStage<Void> callback =
        again.thenAccept(
            result -> {
              called.countDown();
              whenHeld.join();
              say(adapter);
              System.exit(
                  result.outcome(0) == StoreOutcome.STORED ? Ending.EXIT_IN_CALLBACK.exit : 1);
            });
    NativeSeam.release();
    called.await();
    return callback;
  }

  private static void begin(L2Adapter adapter, Kind kind, List<ObjectKey> keys) {
    CompletionStage<?> unused =
        switch (kind) {
          case STORE ->
              adapter.store(TestObjects.storeRequest(keys, 2, kind.size, StoreMode.REPLACE));
          case LOAD, SPLIT_LOAD, READERS ->
              adapter.load(
                  LoadRequest.of(
                      keys.stream()
                          .map(key -> LoadItem.of(key, TestObjects.poisoned(kind.size)))
                          .toList()));
          case LOOKUP -> adapter.lookup(LookupRequest.of(keys));
          case DELETE -> adapter.delete(DeleteRequest.of(keys));
        };
  }

  private static void say(L2Adapter adapter) {
    System.out.printf(
        "held %d queued %s on %s%n",
        NativeSeam.held(),
        adapter.status().details().get("queued"),
        Thread.currentThread().getName());
    System.out.flush();
  }
}
