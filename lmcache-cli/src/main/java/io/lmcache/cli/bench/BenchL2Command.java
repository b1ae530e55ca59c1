// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import io.lmcache.cli.ExitCode;
import io.lmcache.cli.Interruption;
import io.lmcache.cli.Progress;
import io.lmcache.cli.ReportFormat;
import io.lmcache.cli.ReportTarget;
import io.lmcache.cli.Surroundings;
import io.lmcache.cli.UsageException;
import io.lmcache.core.AdapterEnvironment;
import io.lmcache.core.AdapterRegistry;
import io.lmcache.core.OpenAdapter;
import io.lmcache.core.memory.NativeMemory;
import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.Feature;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2ConfigException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lmcache bench l2}: from flags to a report. */
@Command(
    name = "l2",
    sortOptions = false,
    description = {
      "Measure an L2 adapter: store, lookup and load, in this order.",
      "A whole run uses new keys and deletes them at the end."
    },
    footer = {
      "",
      "Exit codes: 0 all keys went as they should; 1 some did not, or --cold could not",
      "be done, or the disk is too full; 2 wrong usage; 130 interrupted.",
      "",
      "Example:",
      "  lmcache bench l2 --rounds 5 --in-flight 4 --no-skip-verify \\",
      "      --l2-adapter '{\"type\": \"fs_native\", \"base_path\": \"/data/l2\"}'"
    })
public final class BenchL2Command implements Callable<Integer> {

  private static final String ADAPTER_FLAG = "--l2-adapter";
  private static final String ADAPTER_VARIABLE = "L2_ADAPTER_JSON";

  private final Surroundings surroundings;

  @Spec CommandSpec command;

  @Option(
      names = ADAPTER_FLAG,
      paramLabel = "JSON",
      description = {
        "The adapter; of several only the first is used.",
        "Without it, the environment's " + ADAPTER_VARIABLE + "."
      })
  List<String> adapters = new ArrayList<>();

  @Mixin BenchOptions options = new BenchOptions();

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "terminal",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  ReportFormat format = ReportFormat.TERMINAL;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "Write the report there instead of to standard output.")
  @Nullable Path output;

  @Option(
      names = {"-q", "--quiet"},
      description = "No progress and no notes; the report and errors stay.")
  boolean quiet;

  @Option(names = "--cleanup-timeout-seconds", defaultValue = "30", hidden = true)
  long cleanupTimeoutSeconds;

  /** A command in the given surroundings; picocli sets the rest. */
  public BenchL2Command(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.command = CommandSpec.create();
  }

  @Override
  public Integer call() throws L2ConfigException, IOException {
    List<String> problems = new ArrayList<>();
    Optional<String> json = adapterJson(problems);
    Optional<BenchPlan> checked = options.plan(problems);
    checked.flatMap(plan -> memoryProblem(plan, SlotLayout.of(plan))).ifPresent(problems::add);
    if (!problems.isEmpty()) {
      throw new UsageException(problems);
    }
    BenchPlan plan = checked.orElseThrow();
    ReportTarget target = ReportTarget.of(output);
    AdapterRegistry registry = surroundings.adapters().get();
    AdapterSpec spec = registry.parse(adapterSource(), json.orElseThrow());
    return run(plan, registry, spec, target);
  }

  private Integer run(
      BenchPlan plan, AdapterRegistry registry, AdapterSpec spec, ReportTarget target)
      throws L2ConfigException, IOException {
    PrintWriter err = command.commandLine().getErr();
    BenchKeys keys = plan.keys();
    StoredKeys stored = new StoredKeys(keys, plan.keysPerRound());
    BenchReport report;
    try (Interruption stop =
        new Interruption(
            err,
            Duration.ofSeconds(cleanupTimeoutSeconds),
            () -> Notices.onSignal(plan, stored),
            () -> Notices.leftBehind(plan, stored, keys))) {
      try (BenchMemory memory = new BenchMemory();
          OpenAdapter open = registry.open(spec, AdapterEnvironment.of("bench"))) {
        memory.allocate(plan, layout(plan, spec.type(), open.adapter()));
        if (!quiet) {
          Notices.fallback(NativeMemory.unavailable())
              .ifPresent(line -> err.println("lmcache: " + line));
        }
        Progress progress = new Progress(err, surroundings.stderrIsTerminal() && !quiet);
        report =
            new BenchRun(plan, keys, stored, memory, stop, progress)
                .run(spec.type(), open.adapter());
      }
      Notices.failures(report).forEach(line -> err.println("lmcache: " + line));
      err.flush();
      if (stop.getAsBoolean()) {
        return ExitCode.INTERRUPTED;
      }
    }
    target.write(
        format == ReportFormat.JSON ? BenchJson.text(report) : BenchText.text(report),
        command.commandLine().getOut());
    return report.good() ? ExitCode.OK : ExitCode.FAILURE;
  }

  private Optional<String> adapterJson(List<String> problems) {
    if (!adapters.isEmpty()) {
      if (adapters.size() > 1 && !quiet) {
        command
            .commandLine()
            .getErr()
            .println(
                "lmcache: of " + adapters.size() + " " + ADAPTER_FLAG + " only the first is used");
      }
      return Optional.of(adapters.get(0));
    }
    Optional<String> json = surroundings.variable().apply(ADAPTER_VARIABLE);
    if (json.isEmpty()) {
      problems.add("no adapter: give " + ADAPTER_FLAG + " JSON or set " + ADAPTER_VARIABLE);
    }
    return json;
  }

  private String adapterSource() {
    return adapters.isEmpty() ? ADAPTER_VARIABLE : ADAPTER_FLAG + " #1";
  }

  private Optional<String> memoryProblem(BenchPlan plan, SlotLayout layout) {
    return MemoryCheck.problem(plan, layout, surroundings.memoryBytes().getAsLong());
  }

  /** How the objects are to lie in memory, once all that the adapter knows speaks for the plan. */
  private SlotLayout layout(BenchPlan plan, String type, L2Adapter adapter) throws IOException {
    SlotLayout layout = SlotLayout.of(plan, adapter.limits());
    checkLimits(plan, type, adapter.limits(), layout);
    Optional<String> problem = memoryProblem(plan, layout);
    if (problem.isPresent()) {
      throw new UsageException(List.of(problem.get()));
    }
    DiskCheck.check(plan, AdapterDetails.of(adapter));
    return layout;
  }

  private static void checkLimits(
      BenchPlan plan, String type, AdapterLimits limits, SlotLayout layout) {
    List<String> problems = new ArrayList<>();
    long mostBytes = Math.min(limits.maxObjectBytes(), layout.mostObjectBytes());
    if (plan.numKeys() > limits.maxKeysPerRequest()) {
      problems.add(
          "--num-keys must be at most "
              + limits.maxKeysPerRequest()
              + " with "
              + type
              + ", got "
              + plan.numKeys());
    }
    if (plan.objectBytes() > mostBytes) {
      problems.add(
          "--data-size-kb must be at most "
              + mostBytes / 1024
              + " with "
              + type
              + ", got "
              + plan.objectBytes() / 1024);
    }
    if (plan.cleansUp() && limits.declined().contains(Feature.DELETE)) {
      problems.add(type + " cannot delete, so the run could not clean up: add --keep");
    }
    if (!problems.isEmpty()) {
      throw new UsageException(problems);
    }
  }
}
