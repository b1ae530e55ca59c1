// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command itself: what holds for all of its subcommands. */
@Command(
    name = "lmcache",
    description = "The storage tier of LMCache for the JVM.",
    versionProvider = ProductVersion.class,
    synopsisSubcommandLabel = "COMMAND")
final class LmcacheCommand {

  @Option(
      names = {"-v", "--verbose"},
      scope = ScopeType.INHERIT,
      description = "Show the log from DEBUG on, and stack traces.")
  boolean verbose;

  @Option(
      names = {"-h", "--help"},
      scope = ScopeType.INHERIT,
      usageHelp = true,
      description = "Show this help.")
  boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show the versions of lmcache and Java.")
  boolean version;
}
