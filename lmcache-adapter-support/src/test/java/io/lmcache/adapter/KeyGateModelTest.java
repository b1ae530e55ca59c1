// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.adapter.KeyGate.Mode;
import io.lmcache.adapter.KeyGate.Turn;
import io.lmcache.spi.ObjectKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random requests against a model that says the rule in one line: a place has its turn exactly when
 * no incompatible place was taken on that key before it and is still held or waited for.
 */
class KeyGateModelTest {

  private static final int KEYS = 5;
  private static final List<Mode> MODES = List.of(Mode.values());
  private static final int ALIVE = 12;

  /** A request; {@code turns} are the indices it has been told, {@code lost} those cancelled. */
  private static final class Request {
    final int number;
    final List<ObjectKey> keys;
    final Mode mode;
    final Set<Integer> turns = new LinkedHashSet<>();
    final Set<Integer> lost = new LinkedHashSet<>();

    Request(int number, List<ObjectKey> keys, Mode mode) {
      this.number = number;
      this.keys = keys;
      this.mode = mode;
    }

    boolean hasAll() {
      return turns.size() + lost.size() == keys.size();
    }

    @Override
    public String toString() {
      return mode + "#" + number + keys.stream().map(Keys::number).toList();
    }
  }

  /** What the test has seen, so that it cannot be green for nothing. */
  private int entered;

  private int waits;
  private int lookupsBesideStores;
  private int leftWaiting;
  private int cancelled;
  private int inOppositeOrder;

  private final KeyGate<Request> gate = new KeyGate<>();
  private final Map<ObjectKey, List<Request>> order = new HashMap<>();
  private final List<Request> alive = new ArrayList<>();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void everyStepIsAsTheModelSays(long seed) {
    Random random = new Random(seed);
    for (int step = 0; step < 20_000; step++) {
      int dice = random.nextInt(1000);
      if (dice < 3) {
        cancelWaiting();
      } else if (alive.size() < ALIVE && (alive.isEmpty() || dice < 520)) {
        enter(random);
      } else if (dice < 560) {
        leave(alive.get(random.nextInt(alive.size())));
      } else {
        leave(someoneWhoHasAll(random));
      }
      check();
    }
    while (!alive.isEmpty()) {
      leave(someoneWhoHasAll(random));
      check();
    }
    assertThat(order).isEmpty();
    assertThat(gate.isEmpty()).isTrue();

    assertThat(entered).isGreaterThan(8_000);
    assertThat(waits).isGreaterThan(8_000);
    assertThat(lookupsBesideStores).isGreaterThan(1_000);
    assertThat(leftWaiting).isGreaterThan(200);
    assertThat(cancelled).isGreaterThan(200);
    assertThat(inOppositeOrder).isGreaterThan(200);
  }

  @Test
  void ofAnyThreeInAnyOrderAllGetTheirTurn() {
    int cases = 0;
    for (Mode a : Mode.values()) {
      for (Mode b : Mode.values()) {
        for (Mode c : Mode.values()) {
          for (long seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            enter(new Request(entered, Keys.keys(0, 1), a));
            enter(new Request(entered, Keys.keys(1, 2, 0), b));
            enter(new Request(entered, Keys.keys(2, 1), c));
            check();
            while (!alive.isEmpty()) {
              leave(someoneWhoHasAll(random));
              check();
            }
            assertThat(gate.isEmpty()).isTrue();
            cases++;
          }
        }
      }
    }
    assertThat(cases).isEqualTo(27 * 20);
    assertThat(waits).isPositive();
  }

  private void enter(Random random) {
    List<Integer> numbers = new ArrayList<>(IntStream.range(0, KEYS).boxed().toList());
    Collections.shuffle(numbers, random);
    List<ObjectKey> keys =
        numbers.subList(0, 1 + random.nextInt(4)).stream().map(Keys::key).toList();
    enter(new Request(entered, keys, MODES.get(random.nextInt(3))));
  }

  private void enter(Request request) {
    List<Integer> admitted = gate.enter(request, request.keys, request.mode);
    assertThat(admitted).doesNotHaveDuplicates();
    request.turns.addAll(admitted);
    entered++;
    waits += request.keys.size() - admitted.size();
    for (Request other : alive) {
      List<ObjectKey> shared = new ArrayList<>(other.keys);
      shared.retainAll(request.keys);
      List<ObjectKey> here = new ArrayList<>(request.keys);
      here.retainAll(shared);
      inOppositeOrder += !shared.equals(here) && !compatible(other.mode, request.mode) ? 1 : 0;
    }
    alive.add(request);
    for (ObjectKey key : request.keys) {
      order.computeIfAbsent(key, k -> new ArrayList<>()).add(request);
    }
  }

  private void leave(Request request) {
    leftWaiting += request.hasAll() ? 0 : 1;
    alive.remove(request);
    for (ObjectKey key : request.keys) {
      forget(key, request);
    }
    take(gate.leave(request, request.keys));
  }

  private void take(List<Turn<Request>> turns) {
    Map<ObjectKey, Integer> latest = new HashMap<>();
    for (Turn<Request> turn : turns) {
      Request request = turn.request();
      assertThat(alive).contains(request);
      assertThat(request.turns.add(turn.index())).as("told twice: %s", turn).isTrue();
      ObjectKey key = request.keys.get(turn.index());
      Integer before = latest.put(key, request.number);
      assertThat(before == null || before < request.number).as("out of order: %s", turns).isTrue();
    }
  }

  private void cancelWaiting() {
    Set<String> waiting = new LinkedHashSet<>();
    for (Request request : alive) {
      for (int i = 0; i < request.keys.size(); i++) {
        if (!request.turns.contains(i) && request.lost.add(i)) {
          waiting.add(request.number + "/" + i);
          forget(request.keys.get(i), request);
        }
      }
    }
    cancelled += waiting.size();
    assertThat(gate.cancelWaiting().stream().map(t -> t.request().number + "/" + t.index()))
        .containsExactlyInAnyOrderElementsOf(waiting);
  }

  private void forget(ObjectKey key, Request request) {
    List<Request> places = order.get(key);
    if (places != null) {
      places.remove(request);
      if (places.isEmpty()) {
        order.remove(key);
      }
    }
  }

  /** There must always be one: otherwise all wait for each other. */
  private Request someoneWhoHasAll(Random random) {
    List<Request> candidates = alive.stream().filter(Request::hasAll).toList();
    assertThat(candidates).as("none of %s can go on", alive).isNotEmpty();
    return candidates.get(random.nextInt(candidates.size()));
  }

  private void check() {
    assertThat(gate.isEmpty()).isEqualTo(order.isEmpty());
    order.forEach(
        (key, places) -> {
          int stores = 0;
          int lookups = 0;
          for (int i = 0; i < places.size(); i++) {
            Request request = places.get(i);
            boolean free = true;
            for (Request earlier : places.subList(0, i)) {
              free &= compatible(earlier.mode, request.mode);
            }
            boolean inside = request.turns.contains(request.keys.indexOf(key));
            if (inside != free) {
              throw new AssertionError(
                  request + (free ? " should be on " : " must not be on ") + key + ": " + places);
            }
            stores += inside && request.mode == Mode.STORE ? 1 : 0;
            lookups += inside && request.mode == Mode.LOOKUP ? 1 : 0;
          }
          lookupsBesideStores += stores > 0 && lookups > 0 ? 1 : 0;
        });
  }

  /** The rule again, written down in another way than in the class under test. */
  private static boolean compatible(Mode a, Mode b) {
    Collection<Mode> both = Arrays.asList(a, b);
    return !both.contains(Mode.DELETE) && both.contains(Mode.LOOKUP);
  }
}
