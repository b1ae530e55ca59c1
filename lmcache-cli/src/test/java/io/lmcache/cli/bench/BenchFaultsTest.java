// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lmcache.spi.ObjectKey;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever an adapter does wrong must show: in the exit code, on standard error, in the report. */
final class BenchFaultsTest {

  private final Bench bench = new Bench();

  @ParameterizedTest
  @CsvSource({
    "STORE_FAILS,           store,   FAILED",
    "STORE_DROPS,           load,    NOT_FOUND",
    "STORE_THROWS,          store,   DEFECT",
    "STORE_BREAKS,          store,   DEFECT",
    "STORE_ANSWERS_NOTHING, store,   DEFECT",
    "LOOKUP_LIES_HIT,       lookup,  WRONG_HIT",
    "LOOKUP_LIES_MISS,      lookup,  WRONG_MISS",
    "LOOKUP_FAILS,          lookup,  FAILED",
    "LOOKUP_WRONG_SIZE,     lookup,  WRONG_SIZE",
    "LOAD_MISSES,           load,    NOT_FOUND",
    "LOAD_FAILS,            load,    FAILED",
    "LOAD_WRITES_NOTHING,   load,    UNTOUCHED",
    "DELETE_FAILS,          cleanup, FAILED"
  })
  void everyFaultFailsTheRun(TestFault fault, String operation, String outcome) {
    Bench.Done done = bench.run(fault, -1, "--lookup-max-hit-rate", "0.5");

    assertThat(done.code()).isEqualTo(1);
    assertThat(done.err())
        .anyMatch(line -> line.startsWith("lmcache: " + operation) && line.contains(outcome));
    JsonNode failures = done.metrics().get("failures");
    assertThat(failures)
        .anyMatch(
            failure ->
                failure.get("operation").asText().equals(operation)
                    && failure.get("outcome").asText().equals(outcome)
                    && failure.get("count").asInt() > 0
                    && failure.get("first_key").asText().startsWith("lmcache-bench@"));
  }

  @ParameterizedTest
  @CsvSource({"STORE_FAILS,store", "LOAD_MISSES,load", "LOAD_FAILS,load", "LOOKUP_FAILS,lookup"})
  void oneBadKeyOfManyIsEnough(TestFault fault, String operation) {
    Bench.Done done = bench.run(fault, 5);

    assertThat(done.code()).isEqualTo(1);
    JsonNode phase = done.metrics().get(operation);
    assertThat(phase.get("ok").asInt()).isEqualTo(3);
    assertThat(phase.get("failed").asInt()).isEqualTo(1);
    if (!operation.equals("lookup")) {
      assertThat(phase.get("bytes").asInt()).isEqualTo(3 * 1024);
    }
  }

  @Test
  void aFailureInAWarmUpRoundCountsToo() {
    Bench.Done done = bench.run(TestFault.LOAD_MISSES, 0);

    assertThat(done.code()).isEqualTo(1);
    assertThat(done.metrics().get("load").get("failed").asInt()).isZero();
    assertThat(done.metrics().get("failures").get(0).get("warmup").asBoolean()).isTrue();
  }

  @Test
  void failuresOfOneKindAreOneLineWithTheAdaptersWords() {
    Bench.Done done = bench.run(TestFault.STORE_FAILS, -1, "--warmup-rounds", "0");

    assertThat(done.err().get(0))
        .startsWith("lmcache: store: 4 keys FAILED, first lmcache-bench@00000000@0@")
        .endsWith(": NO_SPACE (ENOSPC): write /x: disk full");
    assertThat(done.err()).hasSize(2); // and the loads that find nothing
  }

  @Test
  void verifyingFindsAFlippedBitAndSaysWhere() {
    Bench.Done done = bench.run(TestFault.LOAD_FLIPS_BIT, 6, "--no-skip-verify");
    TestPlace.Load load = bench.place.loads.get(6);
    byte right = right(load.key(), 1000);

    assertThat(done.code()).isEqualTo(1);
    assertThat(done.err())
        .containsExactly(
            String.format(
                "lmcache: load: 1 key MISMATCH, first %s: first differs at offset 1000: expected"
                    + " 0x%02x, found 0x%02x",
                load.key(), right, (byte) (right ^ 0x10)));
    JsonNode result = done.metrics().get("load");
    assertThat(result.get("ok").asInt()).isEqualTo(3);
    assertThat(result.get("verify").get("mismatches").asInt()).isEqualTo(1);
    assertThat(result.get("verify").get("performed").asBoolean()).isTrue();
  }

  /** The byte that was stored; cleaned up by now, so as the adapter got it. */
  private byte right(ObjectKey key, int offset) {
    byte[] held = bench.place.everHeld.get(key);
    assertThat(held).isNotNull();
    return held == null ? 0 : held[offset];
  }

  @Test
  void verifyingLooksAtWarmUpRoundsToo() {
    Bench.Done done = bench.run(TestFault.LOAD_FLIPS_BIT, 0, "--no-skip-verify");

    assertThat(done.code()).isEqualTo(1);
    assertThat(done.err().get(0)).startsWith("lmcache: load (warm-up): 1 key MISMATCH");
  }

  @Test
  void verifyingComparesEveryByte() {
    JsonNode verify =
        bench.run("--no-skip-verify", "--rounds", "2").metrics().get("load").get("verify");

    assertThat(verify.get("bytes_compared").asInt()).isEqualTo(3 * 4 * 1024);
    assertThat(verify.get("mismatches").asInt()).isZero();
  }

  @Test
  void withoutVerifyingAFlippedBitPasses() {
    assertThat(bench.run(TestFault.LOAD_FLIPS_BIT, -1).code()).isZero();
  }

  @Test
  void anAdapterThatStoresNothingDoesNotPass() {
    for (TestFault fault : List.of(TestFault.STORE_DROPS, TestFault.LOAD_WRITES_NOTHING)) {
      for (String flag : List.of("--skip-verify", "--no-skip-verify")) {
        assertThat(bench.run(fault, -1, flag).code()).isEqualTo(1);
      }
    }
  }

  @Test
  void cleansUpAfterFailures() {
    Bench.Done done = bench.run(TestFault.STORE_FAILS, 1);

    assertThat(bench.place.objects).isEmpty();
    assertThat(done.metrics().get("cleanup").get("deleted").asInt()).isEqualTo(7);
    assertThat(done.metrics().get("cleanup").get("absent").asInt()).isEqualTo(1);
  }

  @Test
  void reportsWhatItCouldNotDelete() {
    Bench.Done done = bench.run(TestFault.DELETE_FAILS, 2);

    assertThat(done.code()).isEqualTo(1);
    assertThat(done.metrics().get("cleanup").get("failed").asInt()).isEqualTo(1);
    assertThat(done.err().get(0)).contains("cleanup: 1 key FAILED").contains("unlink /x: denied");
    assertThat(bench.place.objects).hasSize(1);
  }

  @Test
  void closesTheAdapterWhateverHappened() {
    bench.run(TestFault.STORE_BREAKS, -1);

    assertThat(bench.place.calls.get(bench.place.calls.size() - 1)).isEqualTo("close");
  }
}
