// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli;

import io.lmcache.cli.adapters.AdaptersCommand;
import io.lmcache.cli.bench.BenchCommand;
import io.lmcache.cli.bench.BenchL2Command;
import io.lmcache.cli.doctor.DoctorCommand;
import io.lmcache.cli.fsck.FsckCommand;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.RunLast;

/** Where the process begins, and the only place that ends it. */
public final class Main {

  private Main() {}

  /** Runs the command and exits. */
  public static void main(String[] args) {
    StandardOutput stdout = StandardOutput.ofProcess();
    PrintWriter err =
        new PrintWriter(new OutputStreamWriter(System.err, StandardCharsets.UTF_8), true);
    int code;
    try {
      code = run(Surroundings.real(), stdout.writer(), err, args);
    } catch (Throwable e) {
      code = broken(e, err);
    }
    String failure = stdout.finish().orElse("");
    if (!failure.isEmpty()) {
      err.println("lmcache: cannot write to standard output: " + failure);
      code = code == ExitCode.OK ? ExitCode.FAILURE : code;
    }
    System.exit(code);
  }

  /** No memory, a missing jar: what no command can handle, in one line all the same. */
  private static int broken(Throwable e, PrintWriter err) {
    err.println(
        "lmcache: "
            + (e instanceof OutOfMemoryError
                ? "out of memory (" + e.getMessage() + "): raise -Xmx with LMCACHE_JAVA_OPTS"
                : "unexpected: " + e));
    return ExitCode.FAILURE;
  }

  /** Runs the command with everything from outside, and returns its exit code. */
  static int run(Surroundings surroundings, PrintWriter out, PrintWriter err, String... args) {
    Logging.configure(false);
    return commandLine(surroundings).setOut(out).setErr(err).execute(args);
  }

  private static CommandLine commandLine(Surroundings surroundings) {
    LmcacheCommand root = new LmcacheCommand();
    CommandErrors errors = new CommandErrors();
    return new CommandLine(root)
        .addSubcommand("adapters", new AdaptersCommand(surroundings))
        .addSubcommand(
            "bench",
            new CommandLine(new BenchCommand())
                .addSubcommand("l2", new BenchL2Command(surroundings)))
        .addSubcommand("doctor", new DoctorCommand(surroundings))
        .addSubcommand("fsck", new FsckCommand(surroundings))
        // A JSON text is an argument like any other; picocli would read files for some of them.
        .setExpandAtFiles(false)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
        .setParameterExceptionHandler(errors)
        .setExecutionExceptionHandler(errors)
        .setExecutionStrategy(
            parsed -> {
              Logging.configure(root.verbose);
              return new RunLast().execute(parsed);
            });
  }
}
