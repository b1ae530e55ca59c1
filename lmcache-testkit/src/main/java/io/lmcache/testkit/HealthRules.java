// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.AdapterStatus;
import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.Feature;
import io.lmcache.spi.Health;
import io.lmcache.spi.KeyResult;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreOutcome;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What an adapter says of itself when its storage fails. */
abstract class HealthRules {

  private static final int SIZE = 300;

  /**
   * For stores, loads and deletes: four failures in a row are forgiven by a success, five are not;
   * another operation that succeeds does not make it better, the first of the same that does makes
   * it all well. The listener hears of each change.
   *
   * <p>If this fails, look at one count for all operations, at a success that does not end the run,
   * and at a state that is never left.
   */
  @Test
  @Rule({"STATUS-2", "EVENT-9"})
  void aRunOfFailuresIsDegradedUntilASuccess(AdapterUnderTest a) {
    HealthWork work = new HealthWork(a, SIZE);
    int changes = 0;
    for (Stall.Call call : work.calls()) {
      work.fail(call, 4);
      assertHealth(a, Health.OK, "after 4 failures of " + call);
      work.succeed(call);
      work.fail(call, 4);
      assertHealth(a, Health.OK, "after 4 failures, a success and 4 failures of " + call);
      L2Error error = work.fail(call, 1);
      AdapterStatus worse =
          assertHealth(a, Health.DEGRADED, "after 5 failures in a row of " + call);
      assertReason(worse.reason(), error);
      for (Stall.Call other : work.calls()) {
        if (other != call) {
          work.succeed(other);
          assertHealth(
              a, Health.DEGRADED, "after 5 failures of " + call + " and a success of " + other);
        }
      }
      work.succeed(call);
      assertHealth(a, Health.OK, "after 5 failures and the first success of " + call);
      changes += 2;
      int heard = changes;
      a.await(
          "EVENT-9: healthChanged was called " + heard + " times",
          () -> a.events().healthChanges().size() >= heard);
      assertThat(a.events().healthChanges())
          .as("EVENT-9: what healthChanged said, that of %s last", call)
          .hasSize(heard)
          .endsWith("DEGRADED " + worse.reason(), "OK ");
    }
    assertThat(changes).as("STATUS-2: changes that were seen").isPositive();
  }

  /**
   * Ten failures among a hundred stores are forgiven, however they lie, and one that is a hundred
   * stores old is forgotten; the eleventh of the last hundred is not.
   *
   * <p>If this fails, look at the window: at what it counts, and at what falls out of it.
   */
  @Test
  @Rule("STATUS-2")
  void moreThanATenthOfTheLastHundredIsDegraded(AdapterUnderTest a) {
    HealthWork work = new HealthWork(a, SIZE);
    for (int i = 0; i < 10; i++) {
      work.fail(Stall.Call.STORE, 1);
      work.succeed(Stall.Call.STORE);
    }
    for (int i = 20; i < 100; i++) {
      work.succeed(Stall.Call.STORE);
    }
    assertHealth(a, Health.OK, "with 10 of the last 100 stores failed");
    for (int i = 0; i < 3; i++) {
      // Each takes the place of one of the ten.
      work.fail(Stall.Call.STORE, 1);
      assertHealth(a, Health.OK, "with 10 of the last 100 stores failed, the last among them");
      work.succeed(Stall.Call.STORE);
    }
    work.fail(Stall.Call.STORE, 1);
    assertHealth(a, Health.OK, "with 10 of the last 100 stores failed, the last among them");
    L2Error error = work.fail(Stall.Call.STORE, 1);
    AdapterStatus worse = assertHealth(a, Health.DEGRADED, "with 11 of the last 100 stores failed");
    assertReason(worse.reason(), error);
    work.succeed(Stall.Call.STORE);
    assertHealth(a, Health.OK, "after the first store that succeeded");
    work.fail(Stall.Call.STORE, 4);
    assertHealth(a, Health.OK, "after 4 failures, those before the success being made good");
  }

  private static AdapterStatus assertHealth(AdapterUnderTest a, Health health, String when) {
    AdapterStatus status = a.adapter().status();
    assertThat(status.health())
        .as("STATUS-2: health %s; reason: %s", when, status.reason())
        .isEqualTo(health);
    assertThat(status.reason().isEmpty())
        .as("STATUS-2: reason is empty %s: %s", when, status.reason())
        .isEqualTo(health == Health.OK);
    return status;
  }

  private static void assertReason(String reason, L2Error error) {
    assertThat(reason.lines()).as("STATUS-2: lines of the reason").hasSize(1);
    assertThat(reason).as("STATUS-2: the reason says the last error").contains(error.text());
  }

  /**
   * Requests of which the storage fails half, besides such as find nothing, too little or what is
   * there already: the failed keys are counted by operation and error, and nothing else is; also
   * after close.
   *
   * <p>If this fails, look at failures that are not counted or counted twice, as with a retry, and
   * at outcomes that are no failures.
   */
  @Test
  @Rule("FAIL-3")
  void failuresAreCounted(AdapterUnderTest a) {
    HealthWork work = new HealthWork(a, SIZE);
    Map<String, Long> expected = new TreeMap<>();
    assertThat(counted(a)).as("FAIL-3: failures before any").isEmpty();
    for (Stall.Call call : work.calls()) {
      List<L2Error> errors = work.failHalf(call, 10);
      assertThat(errors).as("FAIL-3: of 10 keys of %s, those that failed", call).hasSize(5);
      errors.forEach(error -> expected.merge(HealthWork.name(call, error), 1L, Long::sum));
      assertThat(counted(a)).as("FAIL-3: failures after %s", call).isEqualTo(expected);
    }
    ObjectKey there = work.store();
    List<ObjectKey> absent = a.keys(9_000, 3);
    assertThat(Ops.load(a, absent, Ops.poisoned(a, 3, SIZE)).count(LoadOutcome.NOT_FOUND))
        .isEqualTo(3);
    assertThat(Ops.load(a, List.of(there), Ops.poisoned(a, 1, SIZE + 1)).outcome(0))
        .isEqualTo(LoadOutcome.SIZE_MISMATCH);
    assertThat(Ops.store(a, there, 1, SIZE)).isEqualTo(StoreOutcome.ALREADY_PRESENT);
    if (!a.declines(Feature.DELETE)) {
      assertThat(Ops.delete(a, absent).count(DeleteOutcome.ABSENT)).isEqualTo(3);
    }
    assertThat(counted(a)).as("FAIL-3: failures after what is none").isEqualTo(expected);
    a.close();
    KeyResult<DeleteOutcome> closed =
        a.await("a delete after close", a.adapter().delete(DeleteRequest.of(List.of(there))))
            .keys()
            .get(0);
    assertThat(closed.outcome()).isEqualTo(DeleteOutcome.FAILED);
    assertThat(counted(a)).as("FAIL-3: failures after close").isEqualTo(expected);
    assertThat(expected).as("FAIL-3: failures that were seen").isNotEmpty();
  }

  private static Map<String, Long> counted(AdapterUnderTest a) {
    Map<String, Long> counted = new TreeMap<>();
    a.adapter()
        .status()
        .failures()
        .forEach(
            failure ->
                assertThat(
                        counted.put(failure.operation() + " " + failure.error(), failure.count()))
                    .as("FAIL-3: %s is counted in two places", failure)
                    .isNull());
    return counted;
  }
}
