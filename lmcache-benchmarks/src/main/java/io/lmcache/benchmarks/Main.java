// SPDX-License-Identifier: Apache-2.0
package io.lmcache.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/** Runs one benchmark. Figures go to standard output, one a line; all else to standard error. */
public final class Main {

  private static final String USAGE =
      "usage: bench priority|split|peers|calls [--dir DIR] [--rounds N]";
  private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,3}");

  private Main() {}

  /** Exits with 0, with 1 after a failure, with 2 if the arguments are wrong. */
  @SuppressWarnings("SystemOut")
  public static void main(String[] args) throws Exception {
    System.exit(run(args, System.out, System.err));
  }

  static int run(String[] args, PrintStream out, PrintStream log) throws Exception {
    try {
      arguments(args).figures(log).print(out);
      return 0;
    } catch (UsageException e) {
      log.println("bench: " + e.getMessage());
      return 2;
    } catch (IOException e) {
      log.println("bench: " + e.getMessage());
      return 1;
    }
  }

  private static Arguments arguments(String[] args) {
    if (args.length == 0) {
      throw new UsageException(USAGE);
    }
    Optional<Path> directory = Optional.empty();
    int rounds = 5;
    for (int i = 1; i < args.length; i += 2) {
      if (i + 1 == args.length) {
        throw new UsageException(args[i] + " has no value; " + USAGE);
      }
      String value = args[i + 1];
      switch (args[i]) {
        case "--dir" -> directory = Optional.of(Path.of(value).toAbsolutePath());
        case "--rounds" -> {
          if (!NUMBER.matcher(value).matches()) {
            throw new UsageException("--rounds must be from 1 to 9999, got " + value);
          }
          rounds = Integer.parseInt(value);
        }
        default -> throw new UsageException("there is no " + args[i] + "; " + USAGE);
      }
    }
    return new Arguments(args[0], directory, rounds);
  }

  /** What is asked for. */
  private record Arguments(String benchmark, Optional<Path> directory, int rounds) {

    Figures figures(PrintStream log) throws Exception {
      Programs programs = new Programs(Path.of(System.getProperty("lmcache.benchmarks.root", ".")));
      switch (benchmark) {
        case "priority" -> {
          PriorityBenchmark.Plan plan = PriorityBenchmark.Plan.FULL;
          try (Scratch scratch = scratch(".", PriorityBenchmark.bytesNeeded(plan), log)) {
            return new PriorityBenchmark(scratch, plan, log).run(rounds);
          }
        }
        case "split" -> {
          SplitBenchmark.Plan plan = SplitBenchmark.Plan.FULL;
          try (Scratch scratch = scratch(".", SplitBenchmark.bytesNeeded(plan), log)) {
            return new SplitBenchmark(scratch, plan, programs, log).run(rounds);
          }
        }
        case "peers" -> {
          PeersBenchmark.Plan plan = PeersBenchmark.Plan.FULL;
          try (Scratch scratch = scratch(".", PeersBenchmark.bytesNeeded(plan), log)) {
            return new PeersBenchmark(scratch, plan, log).run(rounds);
          }
        }
        case "calls" -> {
          CallsBenchmark.Plan plan = CallsBenchmark.Plan.FULL;
          try (Scratch scratch = scratch("/dev/shm", CallsBenchmark.bytesNeeded(plan), log)) {
            return new CallsBenchmark(scratch, plan, programs, log).run(rounds);
          }
        }
        default -> throw new UsageException("there is no benchmark " + benchmark + "; " + USAGE);
      }
    }

    private Scratch scratch(String usual, long bytes, PrintStream log) throws IOException {
      Scratch scratch = Scratch.in(directory.orElse(Path.of(usual)), bytes);
      log.println(
          benchmark
              + ", "
              + rounds
              + " rounds, in "
              + scratch.path()
              + " ("
              + scratch.fileSystem()
              + "), "
              + Runtime.getRuntime().availableProcessors()
              + " processors, Java "
              + Runtime.version());
      return scratch;
    }
  }
}
