// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.testkit.KeyState.Deleted;
import io.lmcache.testkit.KeyState.LetGo;
import io.lmcache.testkit.KeyState.Loaded;
import io.lmcache.testkit.KeyState.LookedUp;
import io.lmcache.testkit.KeyState.Seen;
import io.lmcache.testkit.KeyState.Stored;
import io.lmcache.testkit.Linearizability.Operation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The checker of ORDER-2 against histories that are known to be good or bad. */
final class LinearizabilityTest {

  private static final Seen STORED_1 = stored(StoreMode.IF_ABSENT, 1, 100, StoreOutcome.STORED);
  private static final Seen REPLACED_2 = stored(StoreMode.REPLACE, 2, 100, StoreOutcome.STORED);
  private static final Seen REPLACED_3 = stored(StoreMode.REPLACE, 3, 50, StoreOutcome.STORED);
  private static final Seen THERE_ALREADY =
      stored(StoreMode.IF_ABSENT, 9, 100, StoreOutcome.ALREADY_PRESENT);
  private static final Seen LOADED_1 = new Loaded(100, LoadOutcome.LOADED, 1);
  private static final Seen LOADED_2 = new Loaded(100, LoadOutcome.LOADED, 2);
  private static final Seen LOADED_TORN = new Loaded(100, LoadOutcome.LOADED, KeyState.NONE);
  private static final Seen NOT_FOUND = new Loaded(100, LoadOutcome.NOT_FOUND, KeyState.NONE);
  private static final Seen MISMATCH = new Loaded(100, LoadOutcome.SIZE_MISMATCH, KeyState.NONE);
  private static final Seen HIT = new LookedUp(false, true, 100, true);
  private static final Seen PINNED_HIT = new LookedUp(true, true, 100, true);
  private static final Seen MISS = new LookedUp(true, false, KeyState.NONE, true);
  private static final Seen LET_GO = new LetGo();
  private static final Seen DELETED = new Deleted(DeleteOutcome.DELETED);
  private static final Seen ABSENT = new Deleted(DeleteOutcome.ABSENT);
  private static final Seen PINNED = new Deleted(DeleteOutcome.PINNED);

  private static Seen stored(StoreMode mode, int version, int size, StoreOutcome outcome) {
    return new Stored(mode, version, size, outcome);
  }

  private static Operation at(long submitted, long complete, Seen seen) {
    return new Operation("t", submitted, complete, seen);
  }

  /** One after the other. */
  private static List<Operation> inOrder(Seen... seen) {
    List<Operation> history = new ArrayList<>();
    for (int i = 0; i < seen.length; i++) {
      history.add(at(2L * i, 2L * i + 1, seen[i]));
    }
    return history;
  }

  /** All at once, after those that are given. */
  private static List<Operation> atOnce(List<Operation> before, Seen... seen) {
    List<Operation> history = new ArrayList<>(before);
    Arrays.stream(seen).forEach(one -> history.add(at(100, 200, one)));
    return history;
  }

  static Stream<Arguments> good() {
    List<Operation> there = inOrder(STORED_1);
    return Stream.of(
        Arguments.of("nothing", List.of()),
        Arguments.of("store, load", inOrder(STORED_1, LOADED_1)),
        Arguments.of("a load before the store", inOrder(NOT_FOUND, STORED_1)),
        Arguments.of("a second store", inOrder(STORED_1, THERE_ALREADY, LOADED_1)),
        Arguments.of("a replacement", inOrder(STORED_1, REPLACED_2, LOADED_2)),
        Arguments.of("another size", inOrder(STORED_1, REPLACED_3, MISMATCH, STORED_1, LOADED_1)),
        Arguments.of("a delete", inOrder(STORED_1, DELETED, NOT_FOUND, ABSENT, MISS, STORED_1)),
        Arguments.of("a pin", inOrder(STORED_1, PINNED_HIT, PINNED, LET_GO, DELETED)),
        Arguments.of(
            "two pins", inOrder(STORED_1, PINNED_HIT, PINNED_HIT, LET_GO, PINNED, LET_GO, DELETED)),
        Arguments.of("a pin over a replacement", inOrder(STORED_1, PINNED_HIT, REPLACED_2, PINNED)),
        Arguments.of("an upper bound", inOrder(STORED_1, new LookedUp(false, true, 128, false))),
        Arguments.of("store and load at once, found", atOnce(List.of(), STORED_1, LOADED_1)),
        Arguments.of("store and load at once, not found", atOnce(List.of(), STORED_1, NOT_FOUND)),
        Arguments.of("two loads around a store", atOnce(List.of(), LOADED_1, STORED_1, NOT_FOUND)),
        Arguments.of(
            "two replacements, either wins (1)",
            atOnce(there, REPLACED_2, REPLACED_3, LOADED_2, MISMATCH)),
        Arguments.of("two deletes at once", atOnce(there, DELETED, ABSENT)),
        Arguments.of("pin and delete at once, pinned", atOnce(there, PINNED_HIT, PINNED)),
        Arguments.of("pin and delete at once, deleted", atOnce(there, MISS, DELETED)),
        Arguments.of("letting go and delete at once", atOnce(there, PINNED_HIT, LET_GO, DELETED)),
        Arguments.of(
            "letting go and delete at once, pinned", atOnce(there, PINNED_HIT, LET_GO, PINNED)),
        Arguments.of("what is declined", inOrder(STORED_1, new KeyState.Declined("x"), LOADED_1)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("good")
  void goodHistoriesHold(String what, List<Operation> history) {
    assertThat(Linearizability.holds(KeyState.ABSENT, history)).as(what).isTrue();
    List<Operation> shuffled = new ArrayList<>(history);
    Collections.shuffle(shuffled, new Random(1));
    assertThat(Linearizability.holds(KeyState.ABSENT, shuffled)).as("%s, shuffled", what).isTrue();
  }

  static Stream<Arguments> bad() {
    List<Operation> there = inOrder(STORED_1);
    return Stream.of(
        Arguments.of("a miss after a store", inOrder(STORED_1, MISS)),
        Arguments.of("a load that finds nothing after a store", inOrder(STORED_1, NOT_FOUND)),
        Arguments.of("a stale load", inOrder(STORED_1, REPLACED_2, LOADED_1)),
        Arguments.of("a load of what comes later", inOrder(STORED_1, LOADED_2, REPLACED_2)),
        Arguments.of("a torn load", atOnce(there, REPLACED_2, LOADED_TORN)),
        Arguments.of("a lost delete", inOrder(STORED_1, DELETED, LOADED_1)),
        Arguments.of("a delete twice", inOrder(STORED_1, DELETED, DELETED)),
        Arguments.of("two deletes at once, both DELETED", atOnce(there, DELETED, DELETED)),
        Arguments.of("a delete that finds nothing", inOrder(STORED_1, ABSENT)),
        Arguments.of("a pinned key deleted", inOrder(STORED_1, PINNED_HIT, DELETED)),
        Arguments.of(
            "a key deleted with one of two pins left",
            inOrder(STORED_1, PINNED_HIT, PINNED_HIT, LET_GO, DELETED)),
        Arguments.of("PINNED without a pin", inOrder(STORED_1, HIT, PINNED)),
        Arguments.of("PINNED after letting go", inOrder(STORED_1, PINNED_HIT, LET_GO, PINNED)),
        Arguments.of("pin and delete at once, both", atOnce(there, PINNED_HIT, DELETED)),
        Arguments.of("letting go of no pin", inOrder(STORED_1, LET_GO)),
        Arguments.of("IF_ABSENT that replaces", inOrder(STORED_1, STORED_1)),
        Arguments.of("ALREADY_PRESENT of nothing", inOrder(THERE_ALREADY)),
        Arguments.of("ALREADY_PRESENT of another size", inOrder(REPLACED_3, THERE_ALREADY)),
        Arguments.of(
            "two equal stores at once, both STORED", atOnce(List.of(), STORED_1, STORED_1)),
        Arguments.of(
            "a failed store", inOrder(stored(StoreMode.REPLACE, 1, 1, StoreOutcome.FAILED))),
        Arguments.of("a wrong size", inOrder(STORED_1, new LookedUp(false, true, 99, true))),
        Arguments.of("a bound too low", inOrder(STORED_1, new LookedUp(false, true, 99, false))),
        Arguments.of("a mismatch of equal sizes", inOrder(STORED_1, MISMATCH)),
        Arguments.of("a mismatch of nothing", inOrder(MISMATCH)),
        Arguments.of("neither old nor new meanwhile", atOnce(there, REPLACED_2, NOT_FOUND)),
        Arguments.of("a miss meanwhile", atOnce(there, REPLACED_2, MISS)),
        Arguments.of(
            "back to the old one: a load after another saw the new one",
            List.of(
                at(0, 1, STORED_1),
                at(10, 100, REPLACED_2),
                at(20, 30, LOADED_2),
                at(40, 50, LOADED_1))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("bad")
  void badHistoriesDoNot(String what, List<Operation> history) {
    assertThat(Linearizability.holds(KeyState.ABSENT, history)).as(what).isFalse();
    List<Operation> shuffled = new ArrayList<>(history);
    Collections.shuffle(shuffled, new Random(1));
    assertThat(Linearizability.holds(KeyState.ABSENT, shuffled)).as("%s, shuffled", what).isFalse();
  }

  @Test
  void theFailureShowsTheHistory() {
    assertThatThrownBy(
            () -> Linearizability.assertHolds("seed 42, key k", inOrder(STORED_1, NOT_FOUND)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("ORDER-2")
        .hasMessageContaining("seed 42, key k")
        .hasMessageContaining("version=1")
        .hasMessageContaining("NOT_FOUND");
  }

  /**
   * Histories made by operations that do take effect one after the other, at random moments between
   * random ends, hold; and with one answer turned into another version they do not.
   */
  @Test
  void randomHistoriesHoldUnlessOneAnswerIsChanged() {
    Random random = new Random(20_261_122);
    int changed = 0;
    for (int round = 0; round < 200; round++) {
      List<Operation> history = randomHistory(random);
      assertThat(Linearizability.holds(KeyState.ABSENT, history))
          .as("round %d: %s", round, history)
          .isTrue();
      for (int i = 0; i < history.size(); i++) {
        if (history.get(i).seen() instanceof Loaded load && load.outcome() == LoadOutcome.LOADED) {
          List<Operation> wrong = new ArrayList<>(history);
          Operation old = history.get(i);
          wrong.set(
              i,
              at(
                  old.submitted(),
                  old.complete(),
                  new Loaded(load.size(), LoadOutcome.LOADED, 10_000)));
          assertThat(Linearizability.holds(KeyState.ABSENT, wrong))
              .as("round %d, operation %d: %s", round, i, wrong)
              .isFalse();
          changed++;
        }
      }
    }
    assertThat(changed).as("loads that were changed").isGreaterThan(500);
  }

  private static List<Operation> randomHistory(Random random) {
    List<Operation> history = new ArrayList<>();
    KeyState state = KeyState.ABSENT;
    for (int i = 0; i < 40; i++) {
      Seen seen = randomSeen(random, state, i + 1);
      KeyState after = state.after(seen);
      assertThat(after).as("%s after %s", seen, state).isNotNull();
      state = after == null ? state : after;
      // It takes effect at 10 i, and others may come between its ends.
      history.add(at(10L * i - random.nextInt(35), 10L * i + random.nextInt(35), seen));
    }
    Collections.shuffle(history, random);
    return history;
  }

  private static Seen randomSeen(Random random, KeyState state, int version) {
    int size = random.nextBoolean() ? 100 : 50;
    return switch (random.nextInt(5)) {
      case 0 -> stored(StoreMode.REPLACE, version, size, StoreOutcome.STORED);
      case 1 ->
          stored(
              StoreMode.IF_ABSENT,
              version,
              size,
              state.present() && state.size() == size
                  ? StoreOutcome.ALREADY_PRESENT
                  : StoreOutcome.STORED);
      case 2 -> state.pins() > 0 ? LET_GO : new LookedUp(true, state.present(), state.size(), true);
      case 3 ->
          state.present()
              ? new Loaded(state.size(), LoadOutcome.LOADED, state.version())
              : NOT_FOUND;
      default ->
          new Deleted(
              !state.present()
                  ? DeleteOutcome.ABSENT
                  : state.pins() > 0 ? DeleteOutcome.PINNED : DeleteOutcome.DELETED);
    };
  }

  /**
   * Sixteen operations whose order nobody knows have 16! orders; this ends because no state is
   * visited twice.
   */
  @Test
  void theSearchRemembersWhereItWas() {
    List<Operation> history = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      history.add(at(0, 100, i % 4 == 0 ? REPLACED_2 : HIT));
    }
    history.add(at(200, 201, MISS));
    assertThat(Linearizability.holds(KeyState.ABSENT, history)).as("a miss at the end").isFalse();
  }
}
