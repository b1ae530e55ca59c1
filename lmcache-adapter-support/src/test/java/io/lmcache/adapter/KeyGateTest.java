// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import static io.lmcache.adapter.KeyGate.Mode.DELETE;
import static io.lmcache.adapter.KeyGate.Mode.LOOKUP;
import static io.lmcache.adapter.KeyGate.Mode.STORE;
import static io.lmcache.adapter.Keys.keys;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.adapter.KeyGate.Mode;
import io.lmcache.adapter.KeyGate.Turn;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyGateTest {

  private final KeyGate<String> gate = new KeyGate<>();

  @ParameterizedTest
  @CsvSource({
    "LOOKUP, LOOKUP, true",
    "LOOKUP, STORE, true",
    "LOOKUP, DELETE, false",
    "STORE, LOOKUP, true",
    "STORE, STORE, false",
    "STORE, DELETE, false",
    "DELETE, LOOKUP, false",
    "DELETE, STORE, false",
    "DELETE, DELETE, false",
  })
  void twoOnOneKey(Mode first, Mode second, boolean together) {
    assertThat(gate.enter("first", keys(1), first)).containsExactly(0);

    assertThat(gate.enter("second", keys(1), second)).isEqualTo(together ? List.of(0) : List.of());

    assertThat(gate.leave("first", keys(1)))
        .isEqualTo(together ? List.of() : List.of(new Turn<>("second", 0)));
    assertThat(gate.isEmpty()).isFalse();
    assertThat(gate.leave("second", keys(1))).isEmpty();
    assertThat(gate.isEmpty()).isTrue();
  }

  @Test
  void otherKeysDoNotWait() {
    gate.enter("delete", keys(1), DELETE);

    assertThat(gate.enter("store", keys(0, 1, 2), STORE)).containsExactly(0, 2);
    assertThat(gate.leave("delete", keys(1))).containsExactly(new Turn<>("store", 1));
  }

  @Test
  void aLookupPassesAStoreThatRunsAndOneThatWaits() {
    gate.enter("running store", keys(1), STORE);
    gate.enter("waiting store", keys(1), STORE);

    assertThat(gate.enter("lookup", keys(1), LOOKUP)).containsExactly(0);
    assertThat(gate.leave("running store", keys(1)))
        .containsExactly(new Turn<>("waiting store", 0));
  }

  @Test
  void aLookupDoesNotPassAWaitingDelete() {
    gate.enter("store", keys(1), STORE);
    gate.enter("delete", keys(1), DELETE);

    assertThat(gate.enter("lookup", keys(1), LOOKUP)).isEmpty();
    assertThat(gate.leave("store", keys(1))).containsExactly(new Turn<>("delete", 0));
    assertThat(gate.leave("delete", keys(1))).containsExactly(new Turn<>("lookup", 0));
  }

  @Test
  void aDeleteIsNotStarvedByLookups() {
    gate.enter("lookup 1", keys(1), LOOKUP);
    gate.enter("delete", keys(1), DELETE);

    assertThat(gate.enter("lookup 2", keys(1), LOOKUP)).isEmpty();
    assertThat(gate.leave("lookup 1", keys(1))).containsExactly(new Turn<>("delete", 0));
  }

  @Test
  void aDeleteWaitsForAllLookups() {
    gate.enter("lookup 1", keys(1), LOOKUP);
    gate.enter("lookup 2", keys(1), LOOKUP);
    gate.enter("delete", keys(1), DELETE);

    assertThat(gate.leave("lookup 1", keys(1))).isEmpty();
    assertThat(gate.leave("lookup 2", keys(1))).containsExactly(new Turn<>("delete", 0));
  }

  @Test
  void afterADeleteAllThatGoTogetherGoOnAtOnce() {
    gate.enter("delete", keys(1), DELETE);
    gate.enter("lookup 1", keys(1), LOOKUP);
    gate.enter("store 1", keys(1), STORE);
    gate.enter("store 2", keys(1), STORE);
    gate.enter("lookup 2", keys(1), LOOKUP);
    gate.enter("delete 2", keys(1), DELETE);
    gate.enter("lookup 3", keys(1), LOOKUP);

    assertThat(gate.leave("delete", keys(1)))
        .containsExactly(
            new Turn<>("lookup 1", 0), new Turn<>("store 1", 0), new Turn<>("lookup 2", 0));
  }

  @Test
  void keysInOppositeOrderDoNotHang() {
    assertThat(gate.enter("ab", keys(1, 2), STORE)).containsExactly(0, 1);
    assertThat(gate.enter("ba", keys(2, 1), STORE)).isEmpty();
    assertThat(gate.enter("ab again", keys(1, 2), DELETE)).isEmpty();

    assertThat(gate.leave("ab", keys(1, 2)))
        .containsExactlyInAnyOrder(new Turn<>("ba", 0), new Turn<>("ba", 1));
    assertThat(gate.leave("ba", keys(2, 1)))
        .containsExactlyInAnyOrder(new Turn<>("ab again", 0), new Turn<>("ab again", 1));
    assertThat(gate.leave("ab again", keys(1, 2))).isEmpty();
    assertThat(gate.isEmpty()).isTrue();
  }

  @Test
  void leavingWhileWaitingMakesWay() {
    gate.enter("lookup", keys(1), LOOKUP);
    assertThat(gate.enter("delete", keys(1, 2), DELETE)).containsExactly(1);
    gate.enter("store", keys(1, 2), STORE);

    assertThat(gate.leave("delete", keys(1, 2)))
        .containsExactlyInAnyOrder(new Turn<>("store", 0), new Turn<>("store", 1));
    assertThat(gate.leave("lookup", keys(1))).isEmpty();
    assertThat(gate.leave("store", keys(1, 2))).isEmpty();
    assertThat(gate.isEmpty()).isTrue();
  }

  @Test
  void leavingTwiceOrUninvitedDoesNothing() {
    gate.enter("store", keys(1), STORE);
    gate.enter("delete", keys(1), DELETE);

    assertThat(gate.leave("stranger", keys(1, 2))).isEmpty();
    assertThat(gate.leave("store", keys(1))).containsExactly(new Turn<>("delete", 0));
    assertThat(gate.leave("store", keys(1))).isEmpty();
    assertThat(gate.leave("delete", keys(1))).isEmpty();
    assertThat(gate.leave("delete", keys(1))).isEmpty();
    assertThat(gate.isEmpty()).isTrue();
  }

  @Test
  void requestsAreToldApartByIdentity() {
    KeyGate<List<Integer>> lists = new KeyGate<>();
    List<Integer> one = List.of(7);
    List<Integer> other = List.of(7);
    List<Integer> third = List.of(7);
    List<Integer> fourth = List.of(7);
    lists.enter(one, keys(1), LOOKUP);
    lists.enter(other, keys(1), LOOKUP);
    lists.enter(third, keys(1), DELETE);
    lists.enter(fourth, keys(1), DELETE);

    assertThat(lists.leave(one, keys(1))).isEmpty();
    List<Turn<List<Integer>>> turns = lists.leave(other, keys(1));
    assertThat(turns).hasSize(1);
    assertThat(turns.get(0).request()).isSameAs(third);
    turns = lists.leave(third, keys(1));
    assertThat(turns).hasSize(1);
    assertThat(turns.get(0).request()).isSameAs(fourth);
  }

  @Test
  void cancelWaitingTakesTheWaitingAndNoOthers() {
    gate.enter("store", keys(1, 2), STORE);
    gate.enter("delete", keys(0, 1, 2), DELETE);
    gate.enter("lookup", keys(2, 3), LOOKUP);

    assertThat(gate.cancelWaiting())
        .containsExactlyInAnyOrder(
            new Turn<>("delete", 1), new Turn<>("delete", 2), new Turn<>("lookup", 0));
    assertThat(gate.cancelWaiting()).isEmpty();

    assertThat(gate.enter("late", keys(0, 3), STORE)).containsExactly(1);
    assertThat(gate.leave("store", keys(1, 2))).isEmpty();
    assertThat(gate.leave("lookup", keys(2, 3))).isEmpty();
    assertThat(gate.leave("delete", keys(0, 1, 2))).containsExactly(new Turn<>("late", 0));
    assertThat(gate.leave("late", keys(0, 3))).isEmpty();
    assertThat(gate.isEmpty()).isTrue();
  }

  @Test
  void aPlaceIsSeenFromItsEntryToItsLeaving() {
    gate.enter("lookup", keys(1), LOOKUP);
    assertThat(gate.has(DELETE, keys(1).get(0))).isFalse();
    gate.enter("delete", keys(1), DELETE);
    assertThat(gate.has(DELETE, keys(1).get(0))).as("while it waits").isTrue();
    gate.leave("lookup", keys(1));
    assertThat(gate.has(DELETE, keys(1).get(0))).as("while it runs").isTrue();
    assertThat(gate.has(STORE, keys(1).get(0))).as("another mode").isFalse();
    gate.leave("delete", keys(1));
    assertThat(gate.has(DELETE, keys(1).get(0))).isFalse();
    assertThat(gate.isEmpty()).isTrue();
  }
}
