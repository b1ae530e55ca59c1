// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.doctor;

import io.lmcache.cli.ExitCode;
import io.lmcache.cli.Interruption;
import io.lmcache.cli.L1Alignment;
import io.lmcache.cli.ProductVersion;
import io.lmcache.cli.ReportFormat;
import io.lmcache.cli.Surroundings;
import io.lmcache.cli.UsageException;
import io.lmcache.core.AdapterRegistry;
import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.L2ConfigException;
import io.lmcache.spi.Problem;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lmcache doctor}: says which settings are effective here, and why others are not. */
@Command(
    name = "doctor",
    sortOptions = false,
    description = {
      "Show Java, the adapter types, and for each --l2-adapter which of its settings",
      "are effective on this machine, and why others are not.",
      "",
      "Each adapter is opened, asked and closed, one after the other, and changes",
      "nothing: no directory is made, no object removed, nobody kept out. What is",
      "tried is tried on files that are gone a moment later.",
      ""
    },
    footer = {
      "",
      "Exit codes: 0 all that was asked for is effective; 1 something is not; 2 wrong",
      "usage or configuration; 130 interrupted.",
      "",
      "Example:",
      "  lmcache doctor --object-bytes 300000 --l2-adapter \\",
      "      '{\"type\": \"fs_java\", \"base_path\": \"/data/l2\", \"use_odirect\": true}'"
    })
public final class DoctorCommand implements Callable<Integer> {

  private static final String ADAPTER_FLAG = "--l2-adapter";
  private static final String OBJECT_FLAG = "--object-bytes";

  /** A file system that does not answer must not make the command unkillable. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Surroundings surroundings;

  @Spec CommandSpec command;

  @Option(
      names = ADAPTER_FLAG,
      paramLabel = "JSON",
      description = "An adapter to open; may be given more than once.")
  List<String> adapters = new ArrayList<>();

  @Option(
      names = OBJECT_FLAG,
      paramLabel = "N",
      description = {"Say whether objects of N bytes go direct; may be given", "more than once."})
  List<Long> objectBytes = new ArrayList<>();

  @Option(
      names = L1Alignment.FLAG,
      paramLabel = "N",
      defaultValue = "4096",
      description = {
        "What the server's memory aligns and pads objects to",
        "(default: ${DEFAULT-VALUE})."
      })
  long alignment;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "terminal",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  ReportFormat format = ReportFormat.TERMINAL;

  /** A command in the given surroundings; picocli sets the rest. */
  public DoctorCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.command = CommandSpec.create();
  }

  @Override
  public Integer call() throws L2ConfigException {
    checkFlags();
    JavaFacts java = JavaFacts.real();
    AdapterRegistry registry = surroundings.adapters().get();
    List<AdapterSpec> specs = specs(registry);
    Examination examination = new Examination(registry, (int) alignment, objectBytes);
    List<DoctorReport.Provider> providers = DoctorReport.providers(registry);
    List<AdapterReport> examined = new ArrayList<>();
    try (Interruption stop =
        new Interruption(
            command.commandLine().getErr(),
            PATIENCE,
            () -> "ending the examination under way",
            () -> "an adapter did not end")) {
      for (int i = 0; i < specs.size() && !stop.getAsBoolean(); i++) {
        examined.add(examination.of(specs.get(i), i));
      }
      if (stop.getAsBoolean()) {
        return ExitCode.INTERRUPTED;
      }
    }
    DoctorReport report =
        new DoctorReport(
            ProductVersion.product(),
            java,
            providers,
            DoctorReport.broken(registry),
            (int) alignment,
            examined);
    PrintWriter out = command.commandLine().getOut();
    out.print(format == ReportFormat.JSON ? DoctorJson.text(report) : DoctorText.text(report));
    out.flush();
    return report.exitCode();
  }

  private void checkFlags() {
    List<String> problems = new ArrayList<>();
    for (long bytes : objectBytes) {
      if (bytes < 1 || bytes > AdapterLimits.MAX_OBJECT_BYTES) {
        problems.add(
            OBJECT_FLAG
                + " must be between 1 and "
                + AdapterLimits.MAX_OBJECT_BYTES
                + ", got "
                + bytes);
      }
    }
    L1Alignment.problem(alignment).ifPresent(problems::add);
    if (!objectBytes.isEmpty() && adapters.isEmpty()) {
      problems.add(OBJECT_FLAG + " needs an adapter: give " + ADAPTER_FLAG + " JSON");
    }
    if (!problems.isEmpty()) {
      throw new UsageException(problems);
    }
  }

  /** All of them are read before the first is opened, so that a typing error changes nothing. */
  private List<AdapterSpec> specs(AdapterRegistry registry) throws L2ConfigException {
    List<AdapterSpec> specs = new ArrayList<>();
    List<Problem> problems = new ArrayList<>();
    for (int i = 0; i < adapters.size(); i++) {
      try {
        specs.add(registry.parse(ADAPTER_FLAG + " #" + (i + 1), adapters.get(i)));
      } catch (L2ConfigException e) {
        problems.addAll(e.problems());
      }
    }
    if (!problems.isEmpty()) {
      throw new L2ConfigException(problems);
    }
    return specs;
  }
}
