// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import static io.lmcache.adapter.Keys.key;
import static io.lmcache.adapter.Keys.keys;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.lmcache.spi.L2AdapterListener;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.RemovalReason;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** On an executor whose tasks run when the test says so. */
class EventDispatcherTest {

  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  /** Writes down what it hears; runs {@code then} at each event. */
  private static class Recorder implements L2AdapterListener {

    private final List<String> heard = new ArrayList<>();
    private Consumer<String> then = event -> {};

    private void hear(String event) {
      heard.add(event);
      then.accept(event);
    }

    @Override
    public void stored(List<ObjectKey> keys, List<Long> sizes) {
      hear("stored " + numbers(keys) + sizes);
    }

    @Override
    public void recovered(List<ObjectKey> keys, List<Long> sizes, List<Instant> lastModified) {
      hear("recovered " + numbers(keys) + sizes + lastModified);
    }

    @Override
    public void accessed(List<ObjectKey> keys) {
      hear("accessed " + numbers(keys));
    }

    @Override
    public void removed(List<ObjectKey> keys, List<Long> sizes, RemovalReason reason) {
      hear("removed " + numbers(keys) + sizes + reason);
    }

    private static List<Integer> numbers(List<ObjectKey> keys) {
      return keys.stream().map(Keys::number).toList();
    }
  }

  private final Recorder recorder = new Recorder();
  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
  private final List<String> logged = new ArrayList<>();
  private final List<Throwable> failures = new ArrayList<>();
  private final EventDispatcher dispatcher = dispatcher(recorder, tasks::add);

  private EventDispatcher dispatcher(L2AdapterListener listener, Executor executor) {
    return new EventDispatcher(
        listener,
        executor,
        (line, failure) -> {
          logged.add(line);
          failures.add(failure);
        });
  }

  private void store(int n) {
    dispatcher.stored(keys(n), List.of((long) n));
  }

  private void runTask() {
    tasks.remove().run();
  }

  @Test
  void everyEventArrivesWithAllItCarries() {
    dispatcher.recovered(keys(1, 2), List.of(10L, 20L), List.of(NOON, NOON));
    dispatcher.stored(keys(3), List.of(30L));
    dispatcher.accessed(keys(3, 1));
    dispatcher.removed(keys(1), List.of(10L), RemovalReason.CORRUPT);
    assertThat(recorder.heard).isEmpty();

    runTask();

    assertThat(recorder.heard)
        .containsExactly(
            "recovered [1, 2][10, 20][" + NOON + ", " + NOON + "]",
            "stored [3][30]",
            "accessed [3, 1]",
            "removed [1][10]CORRUPT");
    assertThat(logged).isEmpty();
    assertThat(dispatcher.droppedAccesses()).isZero();
  }

  @Test
  void thereIsOneTaskWhileEventsWaitAndNoneWhileIdle() {
    assertThat(tasks).isEmpty();
    store(1);
    store(2);
    assertThat(tasks).hasSize(1);
    runTask();
    assertThat(tasks).isEmpty();

    store(3);
    assertThat(tasks).hasSize(1);
    runTask();
    assertThat(tasks).isEmpty();
    assertThat(recorder.heard).containsExactly("stored [1][1]", "stored [2][2]", "stored [3][3]");
  }

  @Test
  void eventsOfNoKeysAreNone() {
    dispatcher.stored(List.of(), List.of());
    dispatcher.recovered(List.of(), List.of(), List.of());
    dispatcher.accessed(List.of());
    dispatcher.removed(List.of(), List.of(), RemovalReason.GONE);

    assertThat(tasks).isEmpty();
  }

  @Test
  void anEventGivenByTheListenerComesAfterItsOwn() {
    List<Integer> depths = new ArrayList<>();
    int[] depth = {0};
    EventDispatcher[] direct = new EventDispatcher[1];
    Recorder nesting =
        new Recorder() {
          @Override
          public void stored(List<ObjectKey> keys, List<Long> sizes) {
            depth[0]++;
            depths.add(depth[0]);
            super.stored(keys, sizes);
            int n = Keys.number(keys.get(0));
            if (n < 5) {
              direct[0].stored(keys(n + 1), List.of(0L));
            }
            depth[0]--;
          }
        };
    direct[0] = dispatcher(nesting, Runnable::run);

    direct[0].stored(keys(1), List.of(0L));

    assertThat(depths).containsExactly(1, 1, 1, 1, 1);
    assertThat(nesting.heard).hasSize(5);
  }

  static List<Throwable> whatListenersThrow() {
    return List.of(
        new IllegalStateException("unchecked"),
        new IOException("checked, thrown by a listener in another language"),
        new AssertionError("assertion"),
        new NoClassDefFoundError("linkage"),
        new StackOverflowError("stack"),
        new InternalError("virtual machine"));
  }

  @ParameterizedTest
  @MethodSource("whatListenersThrow")
  void aListenerThatThrowsIsLoggedAndHearsTheNext(Throwable thrown) {
    recorder.then = event -> sneak(thrown);
    store(1);
    store(2);

    assertThatCode(this::runTask).doesNotThrowAnyException();

    assertThat(recorder.heard).containsExactly("stored [1][1]", "stored [2][2]");
    assertThat(failures).containsExactly(thrown, thrown);
    assertThat(logged).allSatisfy(line -> assertThat(line).contains(thrown.toString()));
    recorder.then = event -> {};
    store(3);
    runTask();
    assertThat(recorder.heard).hasSize(3);
    assertThat(failures).hasSize(2);
  }

  @Test
  void aLogThatThrowsStopsNothing() {
    List<Integer> heard = new ArrayList<>();
    EventDispatcher badlyLogged =
        new EventDispatcher(
            new L2AdapterListener() {
              @Override
              public void accessed(List<ObjectKey> keys) {
                heard.add(Keys.number(keys.get(0)));
                throw new IllegalStateException("listener");
              }
            },
            tasks::add,
            (line, failure) -> {
              throw new IllegalStateException("log");
            });
    badlyLogged.accessed(keys(1));
    badlyLogged.accessed(keys(2));

    runTask();

    assertThat(heard).containsExactly(1, 2);
  }

  @Test
  void underBacklogOnlyAccessesAreDropped() {
    int backlog = EventDispatcher.ACCESSED_BACKLOG;
    for (int n = 0; n < backlog - 1; n++) {
      store(n);
    }
    dispatcher.accessed(keys(100));
    assertThat(dispatcher.droppedAccesses()).isZero();

    dispatcher.accessed(keys(101, 102));
    assertThat(dispatcher.droppedAccesses()).isEqualTo(2);
    dispatcher.stored(keys(103), List.of(0L));
    dispatcher.recovered(keys(104), List.of(0L), List.of(NOON));
    dispatcher.removed(keys(105), List.of(0L), RemovalReason.DELETED);
    dispatcher.accessed(keys(106));
    assertThat(dispatcher.droppedAccesses()).isEqualTo(3);

    runTask();

    List<String> expected =
        new ArrayList<>(
            IntStream.range(0, backlog - 1)
                .mapToObj(n -> "stored [" + n + "][" + n + "]")
                .toList());
    Collections.addAll(
        expected,
        "accessed [100]",
        "stored [103][0]",
        "recovered [104][0][" + NOON + "]",
        "removed [105][0]DELETED");
    assertThat(recorder.heard).containsExactlyElementsOf(expected);
    dispatcher.accessed(keys(107));
    runTask();
    assertThat(recorder.heard).last().isEqualTo("accessed [107]");
    assertThat(dispatcher.droppedAccesses()).isEqualTo(3);
  }

  @Test
  void anExecutorThatRejectsLosesNothing() {
    boolean[] ended = {true};
    EventDispatcher rejected =
        dispatcher(
            recorder,
            task -> {
              if (ended[0]) {
                throw new RejectedExecutionException("ended");
              }
              tasks.add(task);
            });

    rejected.stored(keys(1), List.of(1L));
    rejected.removed(keys(1), List.of(1L), RemovalReason.DELETED);
    assertThat(tasks).isEmpty();
    assertThat(logged).hasSize(2);

    ended[0] = false;
    rejected.stored(keys(2), List.of(2L));
    runTask();
    assertThat(recorder.heard).hasSize(3).last().isEqualTo("stored [2][2]");
  }

  @Test
  void heldEventsKeepTheirPlaceAndHoldUpTheNextOnes() {
    EventDispatcher.Hold first = dispatcher.hold();
    EventDispatcher.Hold second = dispatcher.hold();
    first.stored(keys(1), List.of(1L));
    second.stored(keys(2), List.of(2L));
    dispatcher.stored(keys(3), List.of(3L));
    second.release();
    assertThat(tasks).as("nothing is due").isEmpty();
    first.release();
    first.release();
    runTask();
    assertThat(recorder.heard).containsExactly("stored [1][1]", "stored [2][2]", "stored [3][3]");
    first.removed(keys(1), List.of(1L), RemovalReason.DELETED);
    runTask();
    assertThat(recorder.heard).hasSize(4);
  }

  @ParameterizedTest
  @MethodSource("whatListenersThrow")
  void anExecutorThatFailsOnceLosesNothing(Throwable thrown) {
    boolean[] failing = {true};
    EventDispatcher failingOnce =
        dispatcher(
            recorder,
            task -> {
              if (failing[0]) {
                sneak(thrown);
              }
              tasks.add(task);
            });

    failingOnce.stored(keys(1), List.of(1L));
    assertThat(failures).containsExactly(thrown);
    failing[0] = false;
    failingOnce.stored(keys(2), List.of(2L));
    assertThat(tasks).hasSize(1);
    runTask();

    assertThat(recorder.heard).containsExactly("stored [1][1]", "stored [2][2]");
  }

  @Test
  void nobodyListeningCostsNothing() {
    EventDispatcher silent = dispatcher(L2AdapterListener.NONE, tasks::add);
    for (int n = 0; n <= EventDispatcher.ACCESSED_BACKLOG; n++) {
      silent.stored(keys(n), List.of(1L));
      silent.accessed(List.of(key(n)));
    }

    assertThat(tasks).isEmpty();
    assertThat(silent.droppedAccesses()).isZero();
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <T extends Throwable> void sneak(Throwable thrown) throws T {
    throw (T) thrown;
  }
}
