// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import io.lmcache.spi.L2Error;
import io.lmcache.spi.LoadItem;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreMode;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Closes an adapter while all of its workers are inside reads that do not end, then lets them end.
 * Says what was the case before and after, a line for each. Arguments: engine, {@code base_path},
 * milliseconds of the close.
 *
 * <p>The memory that is read into belongs to nobody but the adapter. Its waits are ended by the
 * time limit of the test, should they hang.
 */
final class StuckProgram {

  private static final int WORKERS = 2;
  private static final int LOADS = 5;
  private static final int SIZE = 1 << 20;

  private final Path base;
  private final Duration bound;
  private final FileAdapter adapter;
  private final List<WeakReference<ByteBuffer>> lent = new ArrayList<>();

  /** What no worker begins with; kept for now, lest others are given memory that lacks a page. */
  private final List<ByteBuffer> queued = new ArrayList<>();

  private final List<CompletableFuture<LoadResult>> stages = new ArrayList<>();

  private StuckProgram(Path base, Duration bound, FileAdapter adapter) {
    this.base = base;
    this.bound = bound;
    this.adapter = adapter;
  }

  public static void main(String[] args) throws Exception {
    Engine engine = Engine.valueOf(args[0]);
    Path base = Path.of(args[1]);
    String fields = "\"num_workers\": " + WORKERS;
    Duration bound = Duration.ofMillis(Long.parseLong(args[2]));
    StuckProgram program = new StuckProgram(base, bound, FileAdapter.open(engine, base, fields));
    program.store();
    program.closeWhileHeld();
    program.awaitReleased();
  }

  @SuppressWarnings("SystemOut")
  private static void say(String name, Object what) {
    System.out.println(name + ": " + what);
  }

  private static ObjectKey key(int n) {
    return Content.key("org/stuck", n);
  }

  private void store() {
    List<Object> outcomes = new ArrayList<>();
    for (int n = 0; n < LOADS; n++) {
      outcomes.add(adapter.store(key(n), 1, SIZE, StoreMode.IF_ABSENT));
    }
    say("stored", outcomes);
  }

  /** When it returns, nobody but the adapter could know the memory. */
  private void closeWhileHeld() throws Exception {
    List<ByteBuffer> found;
    try (StuckMemory stuck = new StuckMemory()) {
      submit(stuck);
      for (int i = 0; i < WORKERS; i++) {
        stuck.awaitHeld();
      }
      say("the caller's patience", patience());
      say("loans after it", adapter.adapter().loans());
      say("report", adapter.closeInTime(bound));
      // What no worker had begun may be handed back a moment later.
      OwnProcess.await("loans of the held", () -> adapter.adapter().loans() <= WORKERS);
      say("loans after close", adapter.adapter().loans());
      say("ended", stages.stream().map(CompletableFuture::isDone).toList());
      collect();
      found = lent.stream().map(WeakReference::get).toList();
      say("memory", found.subList(0, WORKERS).contains(null) ? "is gone" : "is there");
      say("objects that are open", objectsOpen());
      say("threads", threadsThere());
    }
    queued.clear();
    say("outcomes", outcomes());
    for (int n = 0; n < WORKERS; n++) {
      ByteBuffer memory = Objects.requireNonNull(found.get(n));
      MemoryObject object = MemoryObject.of(memory.alignedSlice(StuckMemory.PAGE).limit(SIZE));
      say("right bytes", Content.holds(object, key(n), 1));
    }
    OwnProcess.await("the end of all loans", () -> adapter.adapter().loans() == 0);
  }

  /** Loads into memory in which a page is missing. */
  private void submit(StuckMemory stuck) throws Exception {
    for (int n = 0; n < LOADS; n++) {
      ByteBuffer memory = ByteBuffer.allocateDirect(SIZE + 2 * StuckMemory.PAGE);
      // A slice keeps what it was cut from, and nothing else does.
      lent.add(new WeakReference<>(memory));
      MemoryObject into = MemoryObject.of(memory.alignedSlice(StuckMemory.PAGE).limit(SIZE));
      Content.poison(into);
      stuck.takePage(into.buffer());
      LoadRequest request = LoadRequest.of(List.of(LoadItem.of(key(n), into)));
      stages.add(adapter.adapter().load(request).toCompletableFuture());
      if (n >= WORKERS) {
        queued.add(memory);
      }
    }
  }

  /** A caller that does not wait for long has a stage of its own for that. */
  private String patience() {
    try {
      return stages.get(0).copy().orTimeout(1, TimeUnit.MILLISECONDS).join().toString();
    } catch (CompletionException e) {
      return e.getCause() instanceof TimeoutException ? "is over" : e.toString();
    }
  }

  /** Collects what can be; who still has the memory has it after that. */
  private static void collect() {
    for (int round = 0; round < 3; round++) {
      WeakReference<Object> unused = new WeakReference<>(new Object());
      while (unused.get() != null) {
        System.gc();
      }
    }
  }

  private long objectsOpen() {
    return OwnProcess.descriptors().stream()
        .filter(target -> target.startsWith(base.toString()) && target.endsWith(".data"))
        .count();
  }

  private static long threadsThere() {
    return OwnProcess.threads().stream().filter(name -> name.startsWith("lmc-io-")).count();
  }

  private String outcomes() {
    List<Object> outcomes = new ArrayList<>();
    for (CompletableFuture<LoadResult> stage : stages) {
      LoadResult result = FileAdapter.await(stage);
      L2Error error = result.error(0);
      outcomes.add(error == null ? result.outcome(0) : error.code());
    }
    return outcomes.toString();
  }

  /** Else the adapter keeps what it was to give back. */
  private void awaitReleased() {
    OwnProcess.await(
        "memory, descriptors and threads to be given back",
        () -> {
          System.gc();
          return lent.stream().allMatch(memory -> memory.get() == null)
              && OwnProcess.ofAdapters(base).isEmpty();
        });
    say("left", "nothing");
  }
}
