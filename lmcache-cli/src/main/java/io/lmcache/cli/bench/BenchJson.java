// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lmcache.cli.Json;
import io.lmcache.core.memory.MemoryKind;
import java.util.OptionalDouble;

/** The report for programs. Numbers are finite and the same in every locale. */
final class BenchJson {

  private BenchJson() {}

  static String text(BenchReport report) {
    ObjectNode document = Json.object();
    document.put("title", "L2 adapter benchmark");
    ObjectNode metrics = document.putObject("metrics");
    config(metrics.putObject("config"), report);
    memory(metrics.putObject("memory"), report.memory());
    for (PhaseReport phase : report.phases()) {
      phase(metrics.putObject(phase.name()), phase, report);
    }
    cleanup(metrics.putObject("cleanup"), report.cleanup());
    failures(metrics.putArray("failures"), report);
    return Json.text(document);
  }

  private static void config(ObjectNode node, BenchReport report) {
    BenchPlan plan = report.plan();
    node.put("adapter", report.adapterType());
    node.put("run_id", report.runId());
    node.put("seed", plan.seed());
    node.put("num_keys", plan.numKeys());
    node.put("in_flight", plan.inFlight());
    node.put("data_size_kb", plan.objectBytes() / 1024);
    node.put("rounds", plan.rounds());
    node.put("warmup_rounds", plan.warmupRounds());
    node.put("lookup_max_hit_rate", plan.maxHitRate());
    node.put("skip_verify", !plan.verify());
    node.put("only", plan.only().map(OperationKind::toString).orElse(null));
    node.put("keep", plan.keep());
    node.put("cold", plan.cold());
    if (plan.l1AlignBytes().isPresent()) {
      node.put("l1_align_bytes", plan.l1AlignBytes().getAsInt());
    } else {
      node.putNull("l1_align_bytes");
    }
  }

  private static void memory(ObjectNode node, MemoryKind memory) {
    node.put("kind", memory.toString());
    node.put("bytes", memory.bytes());
    node.put("huge_page_bytes", memory.hugePageBytes());
  }

  private static void phase(ObjectNode node, PhaseReport told, BenchReport report) {
    PhaseResult phase = told.result();
    node.put("keys", phase.keys());
    node.put("ok", phase.ok());
    node.put("failed", phase.failed());
    if (phase.kind() == OperationKind.LOOKUP) {
      node.put("expected_hits", report.expectedHits());
      node.put("actual_hits", report.hits().orElse(0L));
    }
    node.put("bytes", phase.bytes());
    node.put("seconds", Json.number(phase.seconds(), 9));
    node.put("bytes_per_second", Json.number(phase.bytesPerSecond(), 0));
    node.put("ops_per_second", Json.number(phase.okPerSecond(), 3));
    latency(node.putObject("latency_ms"), phase.latencies());
    ArrayNode rounds = node.putArray("rounds");
    for (PhaseResult.Round round : phase.rounds()) {
      rounds.addObject().put("seconds", Json.number(round.seconds(), 9)).put("ok", round.ok());
    }
    node.put("cache_state", told.cacheState());
    told.pages().ifPresent(pages -> pages(node.putObject("pages"), pages));
    told.direct().filter(DirectUse::told).ifPresent(use -> direct(node.putObject("odirect"), use));
    told.verification()
        .ifPresent(
            verification ->
                node.putObject("verify")
                    .put("performed", verification.performed())
                    .put("bytes_compared", verification.bytesCompared())
                    .put("mismatches", verification.mismatches()));
  }

  private static void pages(ObjectNode node, Residency.Found pages) {
    node.put("files", pages.files());
    node.put("files_gone", pages.gone());
    node.put("bytes", pages.bytes());
    node.put("resident_bytes", pages.residentBytes());
  }

  private static void direct(ObjectNode node, DirectUse use) {
    node.put("setting", use.setting().orElse(null));
    ObjectNode counters = node.putObject("counters");
    use.counters().forEach(counters::put);
  }

  private static void latency(ObjectNode node, Latencies latencies) {
    put(node, "p50", latencies.p50Millis());
    put(node, "p99", latencies.p99Millis());
    put(node, "max", latencies.maxMillis());
    node.put("samples", latencies.samples());
  }

  private static void put(ObjectNode node, String name, OptionalDouble value) {
    if (value.isPresent()) {
      node.put(name, Json.number(value.getAsDouble(), 6));
    } else {
      node.putNull(name);
    }
  }

  private static void cleanup(ObjectNode node, Cleanup.Report cleanup) {
    node.put("deleted", cleanup.deleted());
    node.put("absent", cleanup.absent());
    node.put("failed", cleanup.failed());
    node.put("kept", cleanup.kept());
  }

  private static void failures(ArrayNode list, BenchReport report) {
    for (Failures.Kind kind : report.failures()) {
      list.addObject()
          .put("operation", kind.operation())
          .put("warmup", kind.warmup())
          .put("outcome", kind.outcome())
          .put("count", kind.count())
          .put("first_key", kind.firstKey().toString())
          .put("error", kind.error());
    }
  }
}
