// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.Extent;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.ObjectKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/** Lets storage fail, and says what of that must be seen. */
final class Failures {

  /** Whom a caller would blame instead of the storage. */
  private static final Set<L2ErrorCode> OTHERS =
      Set.of(
          L2ErrorCode.CLOSED,
          L2ErrorCode.DEADLINE,
          L2ErrorCode.DECLINED,
          L2ErrorCode.UNSUPPORTED_KEY,
          L2ErrorCode.TOO_LARGE,
          L2ErrorCode.MISALIGNED);

  private Failures() {}

  /** The next operations fail; ends the test with the reason if the author's stall cannot. */
  static void mustArm(AdapterUnderTest a, Stall.Call call, int operations) {
    Assumptions.assumeTrue(
        a.stall().failNext(call, operations),
        "the stall() of the adapter's test class cannot let the storage fail a " + call);
  }

  /** Half of so many lookups fail, if they reach the storage; how many. */
  static int armLookups(AdapterUnderTest a, int keys) {
    mustArm(a, Stall.Call.LOOKUP, (keys + 1) / 2);
    return (keys + 1) / 2;
  }

  /** A key that the storage failed says so, and why. */
  static void assertSaid(String what, Enum<?> outcome, @Nullable L2Error error) {
    assertThat(outcome.name()).as("FAIL-1: outcome of the %s: %s", what, error).isEqualTo("FAILED");
    assertError(what, error);
  }

  private static void assertError(String what, @Nullable L2Error error) {
    assertThat(error).as("FAIL-1: error of the %s, which the storage failed", what).isNotNull();
    L2Error there = Objects.requireNonNull(error);
    assertThat(there.code())
        .as("FAIL-1: code of the %s, which the storage failed: %s", what, there)
        .isNotIn(OTHERS);
    assertThat(there.text())
        .as("FAIL-1: text of the error of the %s: the operation, the path or address, why", what)
        .matches("\\w+ \\S.*");
  }

  /** What a lease must say after lookups of which so many failed, if they reached the storage. */
  static void assertLease(
      AdapterUnderTest a, List<ObjectKey> keys, Extent extent, LookupLease lease, int planned) {
    List<Integer> failed = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      if (lease.error(i) != null) {
        failed.add(i);
        assertError("lookup of " + keys.get(i), lease.error(i));
      }
    }
    // None failed if the adapter answers lookups without its storage; then all must be hits.
    assertThat(failed.size())
        .as("FAIL-1: of %d lookups, those that the storage failed: %s", keys.size(), failed)
        .isLessThanOrEqualTo(planned);
    int hits = 0;
    for (int i = 0; i < keys.size(); i++) {
      boolean hit =
          extent == Extent.ALL ? !failed.contains(i) : failed.isEmpty() || i < failed.get(0);
      assertThat(lease.hit(i))
          .as(
              "%s: key %d of %d is a hit with %s; those at %s failed; %s",
              extent == Extent.ALL ? "FAIL-1" : "LOOKUP-2",
              i,
              keys.size(),
              extent,
              failed,
              keys.get(i))
          .isEqualTo(hit);
      hits += hit ? 1 : 0;
    }
    assertThat(a.adapter().status().pinnedKeys())
        .as(
            "FAIL-1: pinned keys of %d lookups with %s; those at %s failed",
            keys.size(), extent, failed)
        .isEqualTo(hits);
  }

  /** Submits a request for each key at once; the storage fails them all. */
  static <R> void assertAllFail(
      AdapterUnderTest a,
      List<ObjectKey> keys,
      Function<ObjectKey, CompletionStage<R>> submit,
      ToIntFunction<R> failed) {
    List<CompletionStage<R>> stages = keys.stream().map(submit).toList();
    for (int i = 0; i < keys.size(); i++) {
      String what = "FAIL-2: request " + (i + 1) + " of " + keys.size() + ", of " + keys.get(i);
      R result = a.await(what + ", which the storage fails", stages.get(i));
      assertThat(failed.applyAsInt(result))
          .as("%s: keys that failed, as the storage failed: %s", what, result)
          .isEqualTo(1);
    }
  }
}
