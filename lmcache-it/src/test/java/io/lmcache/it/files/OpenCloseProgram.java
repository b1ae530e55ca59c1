// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import io.lmcache.spi.CloseReport;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.LoadItem;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Opens an adapter and closes it, again and again, each tenth time amid loads: in turn with a close
 * that waits for them and with one that waits for nothing. Then it waits until descriptors and
 * threads are as at the start. Says what it saw, in words of the form {@code name=number}.
 * Arguments: engine, {@code base_path}, how often.
 *
 * <p>Used by one thread; its waits have a limit that detects a hang.
 */
final class OpenCloseProgram {

  static final int LOADS = 8;
  private static final int SIZE = 2 << 20;

  private final Engine engine;
  private final Path base;
  private final List<MemoryObject> memory =
      IntStream.range(0, LOADS).mapToObj(n -> Content.poisoned(SIZE)).toList();
  private final AtomicInteger ended = new AtomicInteger();
  private List<String> descriptors = List.of();
  private List<String> threads = List.of();
  private long underWay;
  private long loaded;
  private long closed;
  private long wrong;

  private OpenCloseProgram(Engine engine, Path base) {
    this.engine = engine;
    this.base = base;
  }

  @SuppressWarnings("SystemOut")
  public static void main(String[] args) throws Exception {
    OpenCloseProgram program = new OpenCloseProgram(Engine.valueOf(args[0]), Path.of(args[1]));
    System.out.println(program.run(Integer.parseInt(args[2])));
  }

  private static ObjectKey key(int n) {
    return Content.key("org/open", n);
  }

  private FileAdapter open() throws IOException {
    return FileAdapter.open(engine, base, "\"num_workers\": 2");
  }

  private String run(int times) throws IOException {
    try (FileAdapter adapter = open()) {
      for (int n = 0; n < LOADS; n++) {
        StoreOutcome outcome = adapter.store(key(n), 1, SIZE, StoreMode.IF_ABSENT);
        wrong += outcome == StoreOutcome.STORED ? 0 : 1;
      }
    }
    // Once before the start: classes and threads of the JVM's own are there from then on.
    closeAmidLoads(true);
    closeAmidLoads(false);
    descriptors = OwnProcess.descriptors();
    threads = OwnProcess.threads();
    ended.set(0);
    underWay = 0;
    loaded = 0;
    closed = 0;
    long early = 0;
    for (int i = 1; i <= times; i++) {
      if (i % 10 == 0) {
        closeAmidLoads(i % 20 == 0);
        awaitAsAtTheStart();
      } else {
        open().close();
      }
      if (i == times / 10) {
        early = OwnProcess.residentKib();
      }
    }
    awaitAsAtTheStart();
    return ("times=%d underWay=%d ended=%d loaded=%d closed=%d wrong=%d"
            + " descriptors=%d threads=%d earlyKib=%d lateKib=%d")
        .formatted(
            times,
            underWay,
            ended.get(),
            loaded,
            closed,
            wrong,
            descriptors.size(),
            threads.size(),
            early,
            OwnProcess.residentKib());
  }

  private void closeAmidLoads(boolean waits) throws IOException {
    memory.forEach(Content::poison);
    List<LoadItem> items = new ArrayList<>();
    for (int n = 0; n < LOADS; n++) {
      items.add(LoadItem.of(key(n), memory.get(n)));
    }
    FileAdapter adapter = open();
    CompletionStage<LoadResult> stage =
        adapter
            .adapter()
            .load(LoadRequest.of(items))
            .whenComplete((result, failure) -> ended.incrementAndGet());
    CloseReport report = adapter.close(waits ? Duration.ofMinutes(5) : Duration.ZERO);
    underWay += report.drained() + report.failed() + report.inKernel();
    for (int n = 0; n < LOADS; n++) {
      note(n, FileAdapter.await(stage));
    }
    OwnProcess.await("the end of all loans", () -> adapter.adapter().loans() == 0);
    if (waits && report.failed() + report.inKernel() > 0) {
      wrong++;
    }
  }

  /** It came in whole, or not at all. */
  private void note(int n, LoadResult result) {
    L2Error error = result.error(n);
    if (result.outcome(n) == LoadOutcome.LOADED && Content.holds(memory.get(n), key(n), 1)) {
      loaded++;
    } else if (error != null
        && error.code() == L2ErrorCode.CLOSED
        && Content.isPoisoned(memory.get(n))) {
      closed++;
    } else {
      wrong++;
    }
  }

  /** What did not wait is over when it has let go of everything. */
  private void awaitAsAtTheStart() {
    OwnProcess.await(
        "descriptors and threads as at the start, " + descriptors + " " + threads,
        () -> OwnProcess.descriptors().equals(descriptors) && OwnProcess.threads().equals(threads));
  }
}
