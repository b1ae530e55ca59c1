// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.adapters;

import io.lmcache.cli.ExitCode;
import io.lmcache.cli.ReportFormat;
import io.lmcache.cli.Surroundings;
import io.lmcache.cli.UsageException;
import io.lmcache.core.BrokenProvider;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lmcache adapters}: lists the adapter types and their fields. */
@Command(
    name = "adapters",
    description = {
      "List the adapter types and the fields of their configurations.",
      "Jars on LMCACHE_CLASSPATH add types."
    })
public final class AdaptersCommand implements Callable<Integer> {

  private final Surroundings surroundings;

  @Spec CommandSpec command;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "terminal",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  ReportFormat format = ReportFormat.TERMINAL;

  @Parameters(arity = "0..1", paramLabel = "TYPE", description = "Only this type.")
  @Nullable String type;

  /** A command in the given surroundings; picocli sets the rest. */
  public AdaptersCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.command = CommandSpec.create();
  }

  @Override
  public Integer call() {
    AdapterListing all = AdapterListing.of(surroundings.adapters().get());
    if (format == ReportFormat.TERMINAL) {
      PrintWriter err = command.commandLine().getErr();
      for (BrokenProvider broken : all.broken()) {
        err.println("lmcache: warning: cannot use the provider " + broken);
      }
      err.flush();
    }
    AdapterListing shown = type == null ? all : all.only(type).orElseThrow(() -> unknown(all));
    PrintWriter out = command.commandLine().getOut();
    out.print(format == ReportFormat.JSON ? AdaptersJson.text(shown) : AdaptersText.text(shown));
    out.flush();
    return ExitCode.OK;
  }

  private UsageException unknown(AdapterListing all) {
    return new UsageException(
        "no adapter type \""
            + type
            + "\"; known: "
            + all.types().collect(Collectors.joining(", ")));
  }
}
