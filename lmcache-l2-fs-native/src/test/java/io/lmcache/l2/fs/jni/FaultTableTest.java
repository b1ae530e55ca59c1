// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import static io.lmcache.l2.fs.jni.FaultScene.SIZE;
import static io.lmcache.l2.fs.jni.FaultScene.key;
import static io.lmcache.l2.fs.jni.FaultScene.keys;
import static io.lmcache.l2.fs.jni.TestObjects.why;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.l2.fs.jni.FaultScene.Ending;
import io.lmcache.spi.FailureCount;
import io.lmcache.spi.Health;
import io.lmcache.spi.L2Error;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The table of docs/failures.md, for every call of the file system that a request makes: the middle
 * one of three keys meets the error.
 */
@Tag("native")
@Tag("seam")
@ExtendWith(FreshSeam.class)
final class FaultTableTest {

  private static final int COMBINATIONS = 32 * FaultCase.Errno.values().length;
  private static final int WITHOUT_ROOM = (9 + 11) * 2;

  private static final Set<FaultCase> done = new HashSet<>();
  private static final Set<FaultCase> doneWithRoom = new HashSet<>();

  @TempDir Path dir;

  @AfterAll
  @SuppressWarnings("SystemOut")
  static void allWereMet() {
    System.out.println("errors met: " + done.size() + ", again with room: " + doneWithRoom.size());
    assertThat(done).as("errors met").hasSize(COMBINATIONS);
    assertThat(doneWithRoom).as("errors met by owners who make room").hasSize(WITHOUT_ROOM);
  }

  @ParameterizedTest
  @MethodSource("io.lmcache.l2.fs.jni.FaultCase#all")
  void theKeyThatMeetsItEndsAsTheTableSaysAndAlone(FaultCase fault) throws Exception {
    try (FaultScene scene = new FaultScene(dir, fault)) {
      fault.arm(1);
      List<Ending> ended = scene.ask(keys());
      assertThat(NativeSeam.hasFaults()).as("faults that did not come up").isFalse();
      assertThat(ended.get(0).outcome()).isEqualTo(scene.wellEnded());
      assertThat(ended.get(2).outcome()).isEqualTo(scene.wellEnded());
      if (fault.fails()) {
        afterAFailure(scene, fault, ended.get(1));
      } else {
        afterAnAbsence(scene, fault, ended.get(1));
      }
    }
    done.add(fault);
  }

  private void afterAFailure(FaultScene scene, FaultCase fault, Ending ending) throws Exception {
    assertError(fault, ending);
    assertFailures(scene, fault, 1);
    assertThat(scene.adapter.status().health()).isEqualTo(Health.OK);
    scene.assertObjects(objectsAfterAFailure(fault));
    switch (fault.request()) {
      case STORE -> scene.assertThere(key(0), 2);
      case REPLACE -> {
        scene.assertThere(key(0), 2);
        if (!fault.losesTheOld()) {
          scene.assertThere(key(1), 1);
        }
      }
      case LOAD, LOOKUP -> scene.assertThere(key(1), 1);
      case DELETE -> scene.assertThere(key(1), 1);
    }
    untilItIsDegradedAndWellAgain(scene, fault);
  }

  private static int objectsAfterAFailure(FaultCase fault) {
    return switch (fault.request()) {
      case STORE -> 2;
      case REPLACE -> fault.losesTheOld() ? 2 : 3;
      case LOAD, LOOKUP -> 3;
      case DELETE -> 1;
    };
  }

  private void untilItIsDegradedAndWellAgain(FaultScene scene, FaultCase fault) throws Exception {
    String text = "";
    for (int i = 0; i < 5; i++) {
      awaitTurn(scene, fault);
      fault.arm(0);
      Ending ending = scene.ask(List.of(key(1))).get(0);
      assertError(fault, ending);
      text = why(ending.error()).text();
    }
    assertFailures(scene, fault, 6);
    scene.assertObjects(objectsAfterAFailure(fault));
    assertThat(scene.adapter.status().health())
        .isEqualTo(fault.degrades() ? Health.DEGRADED : Health.OK);
    String failing = fault.request().operation + "s in a row failed, the last: " + text;
    // One that waits for room ends after the others of its request.
    assertThat(scene.adapter.status().reason())
        .isEqualTo(fault.degrades() ? (fault.asksForRoom() ? "6 " : "5 ") + failing : "");
    assertThat(scene.ask(List.of(key(1))).get(0).outcome()).isEqualTo(scene.wellEnded());
    assertThat(scene.adapter.status().health()).isEqualTo(Health.OK);
    assertFailures(scene, fault, 6);
    assertThat(scene.context.health(fault.degrades() ? 2 : 0))
        .isEqualTo(fault.degrades() ? List.of("DEGRADED 5 " + failing, "OK ") : List.of());
    switch (fault.request()) {
      case STORE, REPLACE -> scene.assertThere(key(1), 2);
      case LOAD, LOOKUP -> scene.assertThere(key(1), 1);
      case DELETE -> scene.assertObjects(0);
    }
  }

  private static void awaitTurn(FaultScene scene, FaultCase fault) {
    if (fault.request() == FaultCase.Request.REPLACE && !fault.losesTheOld()) {
      scene.awaitTurn(key(1));
    }
  }

  private void assertError(FaultCase fault, Ending ending) {
    assertThat(ending.outcome()).isEqualTo("FAILED");
    L2Error error = why(ending.error());
    assertThat(error.code()).isEqualTo(fault.code());
    assertThat(error.retry()).isEqualTo(fault.retry());
    assertThat(error.nativeCode()).isEqualTo(fault.errno().name());
    assertThat(error.text())
        .startsWith(fault.call().words + " " + dir)
        .contains(".data: ", "(" + fault.errno() + ")");
  }

  /** Also that nobody was asked for room that would not help. */
  private static void assertFailures(FaultScene scene, FaultCase fault, int count) {
    assertThat(scene.adapter.status().failures())
        .containsExactly(new FailureCount(fault.request().operation, fault.errno().name(), count));
    assertThat(scene.asked).hasSize(fault.asksForRoom() ? count : 0);
  }

  private void afterAnAbsence(FaultScene scene, FaultCase fault, Ending ending) throws Exception {
    assertThat(scene.adapter.status().failures()).isEmpty();
    if (fault.request() == FaultCase.Request.DELETE
        && fault.isALook()
        && fault.call() != FaultCase.Call.LOOK) {
      // Only a look at it; then it is removed.
      assertThat(ending.outcome()).isEqualTo("DELETED");
      scene.assertObjects(0);
    } else {
      assertThat(ending.outcome()).isEqualTo(scene.absentEnded());
      scene.assertThere(key(1), fault.request().isStore() ? 2 : 1);
    }
  }

  @ParameterizedTest
  @MethodSource("io.lmcache.l2.fs.jni.FaultCase#allWithoutRoom")
  void aStoreIsDoneOnceMoreAndOnlyOnceWhereRoomWasMade(FaultCase fault) throws Exception {
    try (FaultScene scene = new FaultScene(dir, fault)) {
      scene.owner(1, () -> fault.arm(0));
      fault.arm(1);
      List<Ending> ended = scene.ask(keys());
      assertThat(NativeSeam.hasFaults()).as("faults that did not come up").isFalse();
      assertError(fault, ended.get(1));
      assertFailures(scene, fault, 1);
      assertThat(scene.detail("stores_repeated")).isEqualTo("1");
      scene.assertObjects(objectsAfterAFailure(fault));

      awaitTurn(scene, fault);
      scene.owner(1, () -> {});
      fault.arm(0);
      assertThat(scene.ask(List.of(key(1))).get(0).outcome()).isEqualTo("STORED");
      assertThat(scene.asked).hasSize(2).allMatch(bytes -> bytes >= SIZE && bytes < 4 * SIZE);
      assertThat(scene.detail("stores_repeated")).isEqualTo("2");
      assertThat(scene.adapter.status().failures())
          .containsExactly(new FailureCount("store", fault.errno().name(), 1));
      scene.assertObjects(3);
      keys().forEach(key -> scene.assertThere(key, 2));
    }
    doneWithRoom.add(fault);
  }
}
