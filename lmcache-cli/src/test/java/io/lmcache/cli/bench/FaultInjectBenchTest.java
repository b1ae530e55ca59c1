// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lmcache.cli.Cli;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The testkit's types from the command: what JSON makes of them, and what a user sees. */
final class FaultInjectBenchTest {

  private static Cli.Result bench(String adapter) {
    return new Cli()
        .run(
            "bench",
            "l2",
            "--l2-adapter",
            adapter,
            "--num-keys",
            "16",
            "--data-size-kb",
            "4",
            "--no-skip-verify",
            "--format",
            "json");
  }

  private static JsonNode metrics(Cli.Result result) {
    return Bench.json(result.out()).get("metrics");
  }

  @Test
  void memoryIsAnAdapterLikeAnyOther() {
    Cli.Result result = bench("{\"type\": \"memory\", \"num_workers\": 2}");

    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err()).isEmpty();
    for (String operation : List.of("store", "load")) {
      assertThat(metrics(result).get(operation).get("ok").asInt()).as(operation).isEqualTo(16);
    }
  }

  @Test
  void withoutFaultsItIsSilent() {
    Cli.Result result = bench("{\"type\": \"fault_inject\", \"inner\": {\"type\": \"memory\"}}");

    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err()).isEmpty();
  }

  @Test
  void everyLoadFailsAtARateOfOne() {
    Cli.Result result =
        bench("{\"type\": \"fault_inject\", \"rate\": 1, \"inner\": {\"type\": \"memory\"}}");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("load: 16 keys FAILED", "INJECTED", "chose it by rate");
  }

  @Test
  void aWrongBitIsFoundByTheComparison() {
    Cli.Result result =
        bench(
            "{\"type\": \"fault_inject\", \"corrupt_rate\": 1, \"inner\": {\"type\": \"memory\"}}");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("load: 16 keys MISMATCH", "first differs at offset");
  }

  @Test
  void problemsOfAllLevelsAreReportedTogetherWithTheirPaths() {
    Cli.Result result =
        bench(
            "{\"type\": \"fault_inject\", \"rate\": 2, \"gap_indices\": [0, -1],"
                + " \"inner\": {\"type\": \"memory\", \"num_workers\": 0}}");

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.errLines())
        .containsExactlyInAnyOrder(
            "lmcache: --l2-adapter #1 (fault_inject): rate must be <= 1, got 2",
            "lmcache: --l2-adapter #1 (fault_inject): gap_indices[1] must be >= 0, got -1",
            "lmcache: --l2-adapter #1 (fault_inject): inner (memory): num_workers must be > 0,"
                + " got 0");
  }
}
