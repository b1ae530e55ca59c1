// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.cli.Cli;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class BenchFlagsTest {

  private static final String ADAPTER = "{\"type\": \"test_memory\"}";

  private static Cli.Result bench(String... flags) {
    List<String> args = new ArrayList<>(List.of("bench", "l2", "--l2-adapter", ADAPTER));
    args.addAll(List.of(flags));
    return new Cli().run(args.toArray(String[]::new));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --num-keys            | 0             | --num-keys must be between 1 and 1000000, got 0
          --num-keys            | -3            | --num-keys must be between 1 and 1000000, got -3
          --num-keys            | 99999999999   | --num-keys must be between 1 and 1000000, got 99999999999
          --in-flight           | 0             | --in-flight must be between 1 and 1000000, got 0
          --data-size-kb        | 0             | --data-size-kb must be between 1 and 2097148, got 0
          --data-size-kb        | 2097149       | --data-size-kb must be between 1 and 2097148, got 2097149
          --data-size-kb        | 4194304       | --data-size-kb must be between 1 and 2097148, got 4194304
          --rounds              | 0             | --rounds must be between 1 and 1000000, got 0
          --warmup-rounds       | -1            | --warmup-rounds must be between 0 and 1000000, got -1
          --lookup-max-hit-rate | 1.01          | --lookup-max-hit-rate must be between 0 and 1, got 1.01
          --lookup-max-hit-rate | -0.1          | --lookup-max-hit-rate must be between 0 and 1, got -0.1
          --lookup-max-hit-rate | NaN           | --lookup-max-hit-rate must be between 0 and 1, got NaN
          --lookup-max-hit-rate | Infinity      | --lookup-max-hit-rate must be between 0 and 1, got Infinity
          """)
  void refusesValuesOutOfRange(String flag, String value, String message) {
    Cli.Result result = bench(flag, value);

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.out()).isEmpty();
    assertThat(result.errLines())
        .containsExactly("lmcache: " + message, "try: lmcache bench l2 --help");
  }

  @ParameterizedTest
  @CsvSource({
    "--num-keys,many",
    "--num-keys,1.5",
    "--only,everything",
    "--format,xml",
    "--seed,x",
    "--lookup-max-hit-rate,often"
  })
  void refusesValuesOfAnotherKind(String flag, String value) {
    Cli.Result result = bench(flag, value);

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.errLines()).hasSize(2);
    assertThat(result.errLines().get(0)).startsWith("lmcache: ").contains(flag).contains(value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "3000", "2147483648"})
  void refusesAlignmentsThatMemoryCannotHave(String value) {
    assertThat(bench("--l1-align-bytes", value).errLines())
        .first()
        .isEqualTo(
            "lmcache: --l1-align-bytes must be a power of two, at most 1073741824, got " + value);
  }

  @Test
  void reportsAllWrongValuesTogether() {
    assertThat(bench("--num-keys", "0", "--rounds", "0", "--lookup-max-hit-rate", "2").errLines())
        .hasSize(4);
  }

  @ParameterizedTest
  @CsvSource({"--num-keys,1000000,--in-flight,17", "--rounds,1000000,--in-flight,11"})
  void refusesProductsThatAreTooLarge(String flag, String value, String other, String otherValue) {
    Cli.Result result = bench(flag, value, other, otherValue);

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains(flag + " x " + other + " must be at most ");
  }

  @Test
  void refusesAFlagThatIsUnknown() {
    Cli.Result result = bench("--num-key", "3");

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.errLines()).hasSize(2);
    assertThat(result.err()).contains("--num-key").contains("similar: --num-keys");
  }

  @Test
  void needsAnAdapter() {
    Cli.Result result = new Cli().run("bench", "l2");

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.errLines())
        .containsExactly(
            "lmcache: no adapter: give --l2-adapter JSON or set L2_ADAPTER_JSON",
            "try: lmcache bench l2 --help");
  }

  @Test
  void takesTheAdapterOfTheEnvironment() {
    Cli cli = new Cli().variable("L2_ADAPTER_JSON", ADAPTER);

    assertThat(cli.run("bench", "l2").code()).isZero();
    Cli.Result wrong =
        new Cli().variable("L2_ADAPTER_JSON", "{\"type\": \"nothing\"}").run("bench", "l2");
    assertThat(wrong.code()).isEqualTo(2);
    assertThat(wrong.err()).contains("L2_ADAPTER_JSON").contains("type");
  }

  @Test
  void usesTheFirstAdapterAndSaysSo() {
    Cli.Result result = bench("--l2-adapter", "{\"type\": \"nothing\"}");

    assertThat(result.code()).isZero();
    assertThat(result.errLines())
        .containsExactly("lmcache: of 2 --l2-adapter only the first is used");
  }

  @Test
  void aWrongAdapterIsAUsageErrorOfOneLinePerProblem() {
    Cli.Result unknown =
        new Cli()
            .run(
                "bench",
                "l2",
                "--l2-adapter",
                "{\"type\": \"test_memory\", \"colour\": 1, \"weight\": 2}");

    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.errLines()).hasSize(2);
    assertThat(unknown.err()).contains("--l2-adapter #1 (test_memory)").contains("colour");
    assertThat(new Cli().run("bench", "l2", "--l2-adapter", "{").code()).isEqualTo(2);
    Cli.Result refused =
        new Cli()
            .run(
                "bench",
                "l2",
                "--l2-adapter",
                "{\"type\": \"test_memory\", \"fault\": \"open_refuses\"}");
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.errLines()).hasSize(2);
  }

  @Test
  void anAdapterThatCannotOpenIsAFailureOfOneLine() {
    Cli.Result result =
        new Cli()
            .run(
                "bench",
                "l2",
                "--l2-adapter",
                "{\"type\": \"test_memory\", \"fault\": \"open_fails\"}");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.errLines()).hasSize(1);
    assertThat(result.err()).startsWith("lmcache: ").contains("/nowhere: no such directory");
  }

  @Test
  void theAdaptersLimitsAreUsageErrors() {
    String small = "{\"type\": \"test_memory\", \"fault\": \"small_limits\"}";
    Cli.Result result = new Cli().run("bench", "l2", "--l2-adapter", small);

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.errLines())
        .containsExactly(
            "lmcache: --num-keys must be at most 3 with test_memory, got 32",
            "lmcache: --data-size-kb must be at most 2 with test_memory, got 256",
            "try: lmcache bench l2 --help");
  }

  @Test
  void theAdaptersLimitsAreCheckedBeforeMemoryIsTaken() {
    String small = "{\"type\": \"test_memory\", \"fault\": \"small_limits\"}";
    Cli.Result result =
        new Cli()
            .memory(Long.MAX_VALUE)
            .run(
                "bench",
                "l2",
                "--l2-adapter",
                small,
                "--num-keys=1000000",
                "--data-size-kb=2000000");

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.errLines().get(0)).contains("--num-keys must be at most 3");
  }

  @Test
  void anAdapterThatCannotDeleteNeedsKeep() {
    String grower = "{\"type\": \"test_memory\", \"fault\": \"delete_declined\"}";

    assertThat(new Cli().run("bench", "l2", "--l2-adapter", grower).code()).isEqualTo(2);
    assertThat(new Cli().run("bench", "l2", "--l2-adapter", grower, "--keep").code()).isZero();
  }

  @Test
  void checksTheOutputBeforeTheWork(@TempDir Path directory) {
    Cli.Result result = bench("--output", directory.resolve("none/report.json").toString());

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("--output").contains("there is no directory");
    assertThat(bench("--output", directory.toString()).err()).contains("is a directory");
  }
}
