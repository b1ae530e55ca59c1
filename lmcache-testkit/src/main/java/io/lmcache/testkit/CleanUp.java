// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import io.lmcache.spi.AdapterStatus;
import io.lmcache.spi.CloseReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What is checked after every test, whatever it did: stages complete, nothing pinned, lent or in
 * flight; then the adapters are closed, and no thread and no descriptor may be left, no memory
 * beside a buffer written.
 *
 * <p>What ends a moment after its cause, such as a thread, is waited for with the patience. Every
 * line found names the rule that it breaks.
 */
final class CleanUp {

  private static final int FRAMES = 6;

  private final Map<String, String> threadsBefore = ProcessWatch.threadsAndTheKits();
  private final Map<String, String> descriptorsBefore;
  private final List<Path> roots;
  private final Duration patience;

  /**
   * Remembers what is there before a test.
   *
   * @param root below which adapters keep their files
   */
  CleanUp(Path root, Duration patience) {
    this.roots = List.of(root);
    this.patience = patience;
    this.descriptorsBefore = ProcessWatch.descriptors(roots);
  }

  /** Ends the test's adapters; what is wrong, one line each. */
  List<String> check(List<AdapterUnderTest> adapters) {
    List<String> wrong = new ArrayList<>();
    adapters.forEach(AdapterUnderTest::releaseStall);
    for (AdapterUnderTest adapter : adapters) {
      for (Instance instance : adapter.instances()) {
        wrong.addAll(stages(instance));
        wrong.addAll(settled(instance));
      }
      // Only of the one that is open: a lease may outlive the close of its adapter.
      wrong.addAll(pins(adapter.current()));
      for (Instance instance : adapter.instances()) {
        instance.events().react(event -> {});
        wrong.addAll(close(instance));
      }
    }
    for (AdapterUnderTest adapter : adapters) {
      wrong.addAll(left(adapter));
    }
    wrong.addAll(
        await(
            "CLEAN-1: native thread left:",
            () -> ProcessWatch.added("task", threadsBefore, ProcessWatch.threadsAndTheKits())));
    wrong.addAll(descriptors());
    return wrong;
  }

  /** Descriptors that were opened since and are still open. */
  List<String> descriptors() {
    return await(
        "CLEAN-2: descriptor left:",
        () -> ProcessWatch.added("descriptor", descriptorsBefore, ProcessWatch.descriptors(roots)));
  }

  /** On a thread of its own, since a close may hang. */
  private List<String> close(Instance instance) {
    FutureTask<CloseReport> close = new FutureTask<>(() -> instance.raw().close(patience));
    Thread thread = new Thread(close, "lmc-test-close");
    thread.setDaemon(true);
    thread.start();
    try {
      close.get(2 * patience.toNanos(), TimeUnit.NANOSECONDS);
      thread.join();
      return List.of();
    } catch (ExecutionException e) {
      return List.of("CLOSE-2: close threw " + e.getCause());
    } catch (TimeoutException e) {
      String where =
          Arrays.stream(thread.getStackTrace())
              .limit(FRAMES)
              .map(frame -> "\n  " + frame)
              .collect(Collectors.joining());
      thread.interrupt();
      return List.of(
          "CLOSE-2: a close with a bound of "
              + patience.toSeconds()
              + " s has not returned after twice that; it is at"
              + where);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of("CLOSE-2: interrupted during a close");
    }
  }

  private List<String> stages(Instance instance) {
    return await(
        "STAGE-1: never completed:",
        () ->
            instance.tracked().submitted().stream()
                .filter(submitted -> !submitted.stage().toCompletableFuture().isDone())
                .map(TrackedAdapter.Submitted::what)
                .toList());
  }

  private List<String> settled(Instance instance) {
    return await(
        "after the test:",
        () -> {
          List<String> open = new ArrayList<>();
          if (instance.raw().loans() != 0) {
            open.add("BUFFER-6: " + instance.raw().loans() + " loans");
          }
          long inFlight = instance.raw().usage().inFlightBytes();
          if (inFlight != 0) {
            open.add("USAGE-3: " + inFlight + " bytes in flight");
          }
          return open;
        });
  }

  private List<String> pins(Instance instance) {
    return await(
        "after the test:",
        () -> {
          AdapterStatus status = instance.raw().status();
          return status.pinnedKeys() == 0 && status.leases().isEmpty()
              ? List.of()
              : List.of("PIN-5: " + status.pinnedKeys() + " pins, leases " + status.leases());
        });
  }

  private List<String> left(AdapterUnderTest adapter) {
    List<String> wrong = new ArrayList<>();
    for (Instance instance : adapter.instances()) {
      wrong.addAll(await("CLEAN-1: thread left:", () -> instance.context().liveThreads()));
      wrong.addAll(instance.events().violations());
      instance.context().close();
    }
    try {
      adapter.memory().assertCanariesWhole();
    } catch (AssertionError e) {
      wrong.add(String.valueOf(e.getMessage()));
    }
    return wrong;
  }

  private List<String> await(String what, Supplier<List<String>> found) {
    try {
      return Waiting.untilNone(found, patience).stream().map(line -> what + " " + line).toList();
    } catch (RuntimeException | Error e) {
      // What the adapter throws, or returns null for, must not keep the rest from being checked.
      return List.of(what + " cannot be asked, as the adapter throws " + e);
    }
  }
}
