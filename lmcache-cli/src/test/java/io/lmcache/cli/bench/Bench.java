// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lmcache.cli.Cli;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Runs small benchmarks against an adapter in memory of a place of its own. */
final class Bench {

  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /** A finished run. */
  record Done(Cli.Result result) {
    int code() {
      return result.code();
    }

    List<String> err() {
      return result.errLines();
    }

    /** The metrics of the only document on standard output. */
    JsonNode metrics() {
      return Bench.json(result.out()).get("metrics");
    }
  }

  final String placeName = UUID.randomUUID().toString();
  final TestPlace place = TestPlace.named(placeName);

  /** What the adapter says is its directory; it keeps nothing there. */
  @Nullable Path directory;

  /** What the adapter says of direct I/O. */
  String odirect = "";

  static JsonNode json(String text) {
    try {
      return MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not one JSON document: " + text, e);
    }
  }

  /** Without a fault. */
  Done run(String... flags) {
    return run(TestFault.NONE, -1, flags);
  }

  /** With a fault of the nth key, or of all for -1. Small objects, few keys, JSON. */
  Done run(TestFault fault, int nth, String... flags) {
    String adapter =
        "{\"type\": \"test_memory\", \"place\": \""
            + placeName
            + "\", \"fault\": \""
            + (fault == TestFault.NONE ? "" : fault)
            + "\", \"nth\": "
            + nth
            + ", \"offset\": 1000, \"base_path\": \""
            + (directory == null ? "" : directory)
            + "\", \"odirect\": \""
            + odirect
            + "\"}";
    List<String> args =
        new ArrayList<>(
            List.of(
                "bench", "l2", "--l2-adapter", adapter, "--format", "json", "--data-size-kb", "1"));
    args.addAll(List.of(flags));
    if (!args.contains("--num-keys")) {
      args.addAll(List.of("--num-keys", "4"));
    }
    return new Done(new Cli().run(args.toArray(String[]::new)));
  }
}
