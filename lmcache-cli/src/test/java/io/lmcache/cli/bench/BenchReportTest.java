// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lmcache.cli.Cli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BenchReportTest {

  private final Bench bench = new Bench();

  private static List<String> names(JsonNode node) {
    List<String> names = new ArrayList<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  @Test
  void theDocumentHasEveryField() {
    Bench.Done done = bench.run("--rounds", "3", "--in-flight", "2", "--no-skip-verify");
    JsonNode document = Bench.json(done.result().out());
    JsonNode metrics = document.get("metrics");

    assertThat(done.code()).isZero();
    assertThat(done.err()).isEmpty();
    assertThat(names(document)).containsExactly("title", "metrics");
    assertThat(names(metrics))
        .containsExactly("config", "memory", "store", "lookup", "load", "cleanup", "failures");
    assertThat(names(metrics.get("config")))
        .containsExactly(
            "adapter",
            "run_id",
            "seed",
            "num_keys",
            "in_flight",
            "data_size_kb",
            "rounds",
            "warmup_rounds",
            "lookup_max_hit_rate",
            "skip_verify",
            "only",
            "keep",
            "cold",
            "l1_align_bytes");
    assertThat(names(metrics.get("memory"))).containsExactly("kind", "bytes", "huge_page_bytes");
    assertThat(names(metrics.get("store")))
        .containsExactly(
            "keys",
            "ok",
            "failed",
            "bytes",
            "seconds",
            "bytes_per_second",
            "ops_per_second",
            "latency_ms",
            "rounds",
            "cache_state");
    assertThat(names(metrics.get("lookup"))).contains("expected_hits", "actual_hits");
    assertThat(names(metrics.get("load").get("verify")))
        .containsExactly("performed", "bytes_compared", "mismatches");
    assertThat(names(metrics.get("load").get("latency_ms")))
        .containsExactly("p50", "p99", "max", "samples");
    assertThat(names(metrics.get("load").get("rounds").get(0))).containsExactly("seconds", "ok");
    assertThat(names(metrics.get("cleanup")))
        .containsExactly("deleted", "absent", "failed", "kept");
  }

  @Test
  void countsOnlyMeasuredRoundsAndKeysThatWentWell() {
    JsonNode metrics =
        bench.run("--rounds", "3", "--in-flight", "2", "--warmup-rounds", "2").metrics();

    for (String operation : List.of("store", "lookup", "load")) {
      JsonNode phase = metrics.get(operation);
      assertThat(phase.get("keys").asInt()).isEqualTo(24);
      assertThat(phase.get("ok").asInt()).isEqualTo(24);
      assertThat(phase.get("failed").asInt()).isZero();
      assertThat(phase.get("rounds")).hasSize(3);
      assertThat(phase.get("rounds").get(0).get("ok").asInt()).isEqualTo(8);
      assertThat(phase.get("latency_ms").get("samples").asInt()).isEqualTo(6);
      assertThat(phase.get("latency_ms").get("p99").isNull()).isTrue();
      assertThat(phase.get("seconds").asDouble()).isPositive();
      assertThat(phase.get("ops_per_second").asDouble())
          .isCloseTo(24 / phase.get("seconds").asDouble(), Percentage.withPercentage(0.001));
      assertThat(phase.get("bytes").asInt()).isEqualTo(operation.equals("lookup") ? 0 : 24 * 1024);
    }
    assertThat(metrics.get("cleanup").get("deleted").asInt()).isEqualTo(40);
    assertThat(metrics.get("failures")).isEmpty();
    assertThat(metrics.get("load").get("verify").get("performed").asBoolean()).isFalse();
    assertThat(metrics.get("load").get("verify").get("bytes_compared").asInt()).isZero();
  }

  @Test
  void hasA99thPercentileFromAHundredSubmitsOn() {
    JsonNode load = bench.run("--rounds", "10", "--in-flight", "10").metrics().get("load");

    assertThat(load.get("latency_ms").get("p99").isNumber()).isTrue();
  }

  @Test
  void tellsItsConfiguration() {
    JsonNode config =
        bench.run("--seed", "-7", "--lookup-max-hit-rate", "0.5", "--keep").metrics().get("config");

    assertThat(config.get("adapter").asText()).isEqualTo("test_memory");
    assertThat(config.get("seed").asLong()).isEqualTo(-7);
    assertThat(config.get("num_keys").asInt()).isEqualTo(4);
    assertThat(config.get("data_size_kb").asInt()).isEqualTo(1);
    assertThat(config.get("lookup_max_hit_rate").asDouble()).isEqualTo(0.5);
    assertThat(config.get("skip_verify").asBoolean()).isTrue();
    assertThat(config.get("keep").asBoolean()).isTrue();
    assertThat(config.get("only").isNull()).isTrue();
    assertThat(config.get("run_id").asText()).hasSize(16);
    assertThat(config.toString()).doesNotContain("hunter2");
  }

  @Test
  void claimsNothingOfAPageCacheWithoutFiles() {
    JsonNode metrics = bench.run().metrics();

    for (String phase : List.of("store", "lookup", "load")) {
      assertThat(metrics.get(phase).get("cache_state").asText())
          .isEqualTo("unknown: the adapter names no directory of files");
      assertThat(metrics.get(phase).has("odirect")).isFalse();
      assertThat(metrics.get(phase).has("pages")).isFalse();
    }
    assertThat(terminal().out()).doesNotContain("page cache").doesNotContain("odirect");
  }

  @Test
  void saysWhatThePageCacheMayHaveDone(@TempDir Path directory) {
    bench.directory = directory;
    JsonNode metrics = bench.run().metrics();

    assertThat(metrics.get("store").get("cache_state").asText())
        .isEqualTo("not synced: data may still be in the page cache");
    assertThat(metrics.get("load").get("cache_state").asText())
        .isEqualTo("warm: written by this run, not dropped from the page cache");
    assertThat(metrics.get("lookup").get("cache_state").asText()).startsWith("warm: ");
  }

  @Test
  void numbersAreTheSameInEveryLocale() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
    try {
      assertThat(bench.run().result().out())
          .isASCII()
          .doesNotContainPattern("NaN|Inf|[0-9]E-?[0-9]");
      assertThat(terminal().out()).isASCII().contains("4 keys of 1 KiB per submit");
    } finally {
      Locale.setDefault(before);
    }
  }

  private static Cli.Result terminal(String... flags) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "bench",
                "l2",
                "--l2-adapter",
                "{\"type\": \"test_memory\"}",
                "--num-keys",
                "4",
                "--data-size-kb",
                "1"));
    args.addAll(List.of(flags));
    return new Cli().run(args.toArray(String[]::new));
  }

  @Test
  void theTableIsAlignedAndLabelled() {
    List<String> lines = terminal().out().lines().toList();

    assertThat(lines.get(0))
        .isEqualTo(
            "test_memory: 4 keys of 1 KiB per submit, 1 submit in flight, 1 round after 1 warm-up"
                + " round");
    assertThat(lines.get(2)).contains("MiB/s").contains("p50 ms").contains("p99 ms");
    assertThat(lines.subList(3, 6)).allMatch(line -> line.length() == lines.get(2).length());
    assertThat(lines)
        .anyMatch(line -> line.startsWith("memory: "))
        .contains(
            "store: unknown: the adapter names no directory of files",
            "lookup: expected 0 hits, got 0; unknown: the adapter names no directory of files",
            "verify: skipped; --no-skip-verify compares every byte",
            "cleanup: 8 deleted, 0 failed, 0 kept");
  }

  @Test
  void writesTheReportToAFileWhole(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("report.json");
    Bench.Done done = bench.run("--output", file.toString());

    assertThat(done.code()).isZero();
    assertThat(done.result().out()).isEmpty();
    assertThat(Bench.json(Files.readString(file)).get("metrics").get("load").get("ok").asInt())
        .isEqualTo(4);
    try (var files = Files.list(directory)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void aLinkIsFollowedAndALongNameIsNoObstacle(@TempDir Path directory) throws IOException {
    Path link =
        Files.createSymbolicLink(directory.resolve("link"), directory.resolve("n".repeat(250)));
    for (int run = 0; run < 2; run++) {
      assertThat(bench.run("--output", link.toString()).code()).isZero();
      assertThat(link).isSymbolicLink();
      assertThat(Bench.json(Files.readString(link)).get("title").asText()).isNotEmpty();
    }
  }

  @Test
  void aReportThatCannotBeWrittenIsNotLost() {
    Bench.Done done = bench.run("--output", "/dev/full");

    assertThat(done.code()).isEqualTo(1);
    assertThat(done.result().err()).contains("--output /dev/full", "standard output");
    assertThat(done.result().out()).contains("metrics");
  }

  @Test
  void aDeviceIsWrittenToAndNotReplaced() {
    Bench.Done done = bench.run("--output", "/dev/null");

    assertThat(done.code()).isZero();
    assertThat(Path.of("/dev/null"))
        .satisfies(file -> assertThat(Files.isRegularFile(file)).isFalse());
  }

  @Test
  void progressIsForTerminalsOnly() {
    String[] args = {"bench", "l2", "--l2-adapter", "{\"type\": \"test_memory\"}"};

    assertThat(new Cli().run(args).err()).isEmpty();
    assertThat(new Cli().watched().run(args).err())
        .contains("\rstore: warm-up round 1 of 1")
        .contains("\rload: round 1 of 1")
        .endsWith("\r")
        .doesNotContain("\u001b");
    assertThat(new Cli().watched().run("bench", "l2", "--l2-adapter", args[3], "--quiet").err())
        .isEmpty();
  }
}
