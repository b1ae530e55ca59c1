// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.fsck;

import io.lmcache.cli.ExitCode;
import io.lmcache.cli.Interruption;
import io.lmcache.cli.Progress;
import io.lmcache.cli.ReportFormat;
import io.lmcache.cli.ReportTarget;
import io.lmcache.cli.Surroundings;
import io.lmcache.cli.UsageException;
import io.lmcache.l2.fs.CheckReport;
import io.lmcache.l2.fs.DirectoryCheck;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lmcache fsck}: from flags to a report. */
@Command(
    name = "fsck",
    sortOptions = false,
    description = {
      "Verify every object in the directory of a file adapter (its base_path), and",
      "count what else is there. Changes nothing unless told to, and may run while",
      "adapters use the directory. -v and JSON list all problems, not only the first.",
      ""
    },
    footer = {
      "",
      "Exit codes: 0 nothing is wrong, or no longer; 1 something is, or could not be",
      "read; 2 wrong usage; 130 interrupted.",
      "",
      "Example:",
      "  lmcache fsck /data/l2 --format json"
    })
public final class FsckCommand implements Callable<Integer> {

  private static final String THREADS_FLAG = "--threads";
  private static final int MAX_THREADS = 64;

  /** More threads than these keep no disk busier, and take the machine from those who serve. */
  private static final int DEFAULT_THREADS = 4;

  /** A file system that does not answer must not make the command unkillable. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Surroundings surroundings;

  @Spec CommandSpec command;

  @Parameters(paramLabel = "DIR", description = "The directory.")
  String directory = "";

  @Option(
      names = "--repair",
      description = {
        "Remove what loads and adapters that open would:",
        "corrupt and empty files, and what the dead left.",
        "Refused while an exclusive adapter is there."
      })
  boolean repair;

  @Option(
      names = THREADS_FLAG,
      paramLabel = "N",
      description = {"Files read at the same time", "(default: the processors, at most 4)."})
  int threads = Math.min(DEFAULT_THREADS, Runtime.getRuntime().availableProcessors());

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
      description = "No progress; the report and errors stay.")
  boolean quiet;

  /** A command in the given surroundings; picocli sets the rest. */
  public FsckCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.command = CommandSpec.create();
  }

  @Override
  public Integer call() throws IOException {
    Path place = checkFlags();
    ReportTarget target = ReportTarget.of(output);
    DirectoryCheck check = DirectoryCheck.of(place);
    boolean verbose = Boolean.TRUE.equals(command.findOption("--verbose").getValue());
    int mostFindings =
        verbose || format == ReportFormat.JSON ? FsckText.MOST_FINDINGS : FsckText.FEW_FINDINGS;
    PrintWriter err = command.commandLine().getErr();
    CheckReport report;
    try (Interruption stop =
        new Interruption(
            err,
            PATIENCE,
            () -> "ending" + (repair ? ", what is removed stays so" : ""),
            () -> "a file cannot be read to the end")) {
      FsckWatcher watcher =
          new FsckWatcher(
              stop, new Progress(err, surroundings.stderrIsTerminal() && !quiet), System::nanoTime);
      try {
        report =
            check.run(
                new DirectoryCheck.Options(repair, threads, mostFindings), readers(), watcher);
      } finally {
        watcher.end();
      }
      if (stop.getAsBoolean()) {
        return ExitCode.INTERRUPTED;
      }
    }
    target.write(
        format == ReportFormat.JSON ? FsckJson.text(report) : FsckText.text(report),
        command.commandLine().getOut());
    return report.isClean() ? ExitCode.OK : ExitCode.FAILURE;
  }

  private Path checkFlags() throws IOException {
    List<String> problems = new ArrayList<>();
    if (threads < 1 || threads > MAX_THREADS) {
      problems.add(THREADS_FLAG + " must be between 1 and " + MAX_THREADS + ", got " + threads);
    }
    Path place = Path.of(directory);
    String refusal = directory.isEmpty() ? "is empty; name a directory" : refusal(place);
    if (refusal != null) {
      problems.add((directory.isEmpty() ? "DIR" : directory) + " " + refusal);
    }
    if (!problems.isEmpty()) {
      throw new UsageException(problems);
    }
    return place;
  }

  private @Nullable String refusal(Path place) throws IOException {
    String refusal = DirectoryCheck.refusal(place);
    return refusal != null && directory.startsWith("~") && !Files.exists(place)
        ? refusal + "; ~ is not expanded here, write the path out"
        : refusal;
  }

  private static ThreadFactory readers() {
    AtomicInteger number = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, "lmcache-fsck-" + number.incrementAndGet());
      // The end of the process must not wait for a file system that does not answer.
      thread.setDaemon(true);
      return thread;
    };
  }
}
