// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli;

import io.lmcache.spi.L2ConfigException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns what commands throw into lines on standard error and an exit code. */
final class CommandErrors implements IExecutionExceptionHandler, IParameterExceptionHandler {

  private static final Logger log = LoggerFactory.getLogger(CommandErrors.class);

  @Override
  public int handleParseException(ParameterException e, String[] args) {
    return usage(e.getCommandLine(), problemsOf(e));
  }

  @Override
  public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
    log.debug("the command failed", e);
    if (e instanceof UsageException wrong) {
      return usage(command, wrong.problems());
    }
    if (e instanceof L2ConfigException wrong) {
      // No hint: the help of the command does not know the adapter's fields, and these lines do.
      wrong.problems().forEach(problem -> say(command, problem.toString()));
      return ExitCode.USAGE;
    }
    say(command, lineFor(e));
    return ExitCode.FAILURE;
  }

  private static String lineFor(Exception e) {
    if (e instanceof NoSuchFileException missing) {
      return missing.getFile() + ": no such file or directory";
    }
    if (e instanceof AccessDeniedException denied) {
      return denied.getFile() + ": permission denied";
    }
    if (e instanceof FileSystemException wrong && wrong.getReason() == null) {
      return wrong.getFile() + ": " + wrong.getClass().getSimpleName();
    }
    String message = e.getMessage();
    if (message != null && (e instanceof IOException || e instanceof FailureException)) {
      return message;
    }
    return "unexpected: " + e + " (-v shows where)";
  }

  private static List<String> problemsOf(ParameterException e) {
    Set<String> commands = e.getCommandLine().getSubcommands().keySet();
    if (e instanceof UnmatchedArgumentException unmatched) {
      String first = unmatched.getUnmatched().get(0);
      if (!commands.isEmpty() && !first.startsWith("-")) {
        return List.of("no command " + first + "; there are: " + String.join(", ", commands));
      }
      List<String> similar = unmatched.getSuggestions();
      return List.of(
          e.getMessage() + (similar.isEmpty() ? "" : "; similar: " + String.join(", ", similar)));
    }
    return commands.isEmpty()
        ? List.of(String.valueOf(e.getMessage()))
        : List.of("a command is missing: " + String.join(", ", commands));
  }

  private static int usage(CommandLine command, List<String> problems) {
    problems.forEach(problem -> say(command, problem));
    command.getErr().println("try: " + command.getCommandSpec().qualifiedName() + " --help");
    command.getErr().flush();
    return ExitCode.USAGE;
  }

  private static void say(CommandLine command, String text) {
    command.getErr().println("lmcache: " + text.strip().replaceAll("\\s*\\R\\s*", "; "));
    command.getErr().flush();
  }
}
