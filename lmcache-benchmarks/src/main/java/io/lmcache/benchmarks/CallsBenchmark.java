// SPDX-License-Identifier: Apache-2.0
package io.lmcache.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * What a key costs in calls of several sizes, through the SPI (JMH) and straight through the C++
 * client that is below it. What lies between is the price of JNI and the framework: the directory
 * should be in memory, so that it is not hidden behind a disk. The value of a round is the median
 * of its iterations.
 */
final class CallsBenchmark {

  /**
   * How much is done.
   *
   * @param forks how many JVMs of its own JMH starts; 0 for none, which is for tests only
   * @param millis how long an iteration takes
   */
  record Plan(List<Integer> batches, int keys, int forks, int warmup, int iterations, int millis) {

    static final Plan FULL = new Plan(List.of(1, 16, 256), 4096, 1, 4, 5, 1000);
  }

  private static final int WORKERS = 4;
  private static final int OBJECT_BYTES = 4096;
  private static final int LARGE = 256;

  private final Scratch scratch;
  private final Plan plan;
  private final Programs programs;
  private final PrintStream log;
  private final Figures figures = new Figures();

  CallsBenchmark(Scratch scratch, Plan plan, Programs programs, PrintStream log) {
    this.scratch = scratch;
    this.plan = plan;
    this.programs = programs;
    this.log = log;
  }

  static long bytesNeeded(Plan plan) {
    return 2L * plan.keys() * OBJECT_BYTES;
  }

  Figures run(int rounds) throws Exception {
    Path program = programs.clientCalls();
    for (int round = 0; round < rounds; round++) {
      for (int batch : plan.batches()) {
        for (String call : List.of("lookup", "load")) {
          List<Side> sides =
              new ArrayList<>(
                  List.of(() -> jmh(call, batch, true), () -> cpp(program, call, batch)));
          Collections.rotate(sides, round);
          for (Side side : sides) {
            side.run();
          }
        }
        // Out of the index: no JNI, only the framework.
        jmh("lookup", batch, false);
      }
      log.println("round " + (round + 1) + " of " + rounds + " is done");
    }
    for (int batch : plan.batches()) {
      for (String call : List.of("lookup", "load")) {
        String name = call + " batch " + batch;
        figures.addDifference(name + " jni and framework", name + " java", name + " c++");
      }
    }
    targets();
    return figures;
  }

  private interface Side {
    void run() throws IOException, RunnerException;
  }

  private void jmh(String call, int batch, boolean shared) throws IOException, RunnerException {
    Path directory = scratch.path().resolve("jmh");
    Options options =
        new OptionsBuilder()
            .include("^" + JmhCalls.class.getName().replace(".", "\\.") + "\\." + call + "$")
            .param("directory", directory.toString())
            .param("shared", "" + shared)
            .param("workers", "" + WORKERS)
            .param("batch", "" + batch)
            .param("keys", "" + plan.keys())
            .param("objectBytes", "" + OBJECT_BYTES)
            .forks(plan.forks())
            .warmupIterations(plan.warmup())
            .warmupTime(TimeValue.milliseconds(plan.millis()))
            .measurementIterations(plan.iterations())
            .measurementTime(TimeValue.milliseconds(plan.millis()))
            .shouldFailOnError(true)
            .build();
    Collection<RunResult> results =
        new Runner(options, OutputFormatFactory.createFormatInstance(log, VerboseMode.NORMAL))
            .run();
    List<Double> nanos = new ArrayList<>();
    for (RunResult result : results) {
      for (var fork : result.getBenchmarkResults()) {
        for (IterationResult iteration : fork.getIterationResults()) {
          nanos.add(iteration.getPrimaryResult().getScore() / batch);
        }
      }
    }
    if (nanos.size() != plan.iterations()) {
      throw new IOException("JMH measured " + nanos.size() + " iterations");
    }
    String side = shared ? " java" : " java, out of the index";
    figures.add(call + " batch " + batch + side, "ns/key", new Sample(nanos).median());
  }

  private void cpp(Path program, String call, int batch) throws IOException {
    Path directory = scratch.fresh("cpp");
    List<String> lines =
        Programs.run(
            List.of(
                program.toString(),
                directory.toString(),
                "" + WORKERS,
                "" + batch,
                call.equals("load") ? "get" : "exists",
                "" + OBJECT_BYTES,
                "" + plan.keys(),
                "" + plan.iterations(),
                "" + plan.millis()));
    Scratch.remove(directory);
    figures.add(
        call + " batch " + batch + " c++",
        "ns/key",
        Sample.of(lines.stream().mapToDouble(Double::parseDouble).toArray()).median());
  }

  private void targets() {
    target("lookup batch 1 java", 15_000);
    target("load batch 1 java", 15_000);
    target("lookup batch " + LARGE + " jni and framework", 1000);
    target("load batch " + LARGE + " jni and framework", 1000);
  }

  private void target(String name, double nanos) {
    if (figures.has(name)) {
      double median = new Sample(figures.of(name)).median();
      log.println(name + ": at most " + nanos + " ns is " + (median <= nanos ? "met" : "NOT met"));
    }
  }
}
