// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Sixteen JVMs at once unpack the library into a place where nothing is, and load it: all run the
 * jar's code, and one file is left.
 *
 * <p>All wait until they are let go. But then each loads classes and reads the jar, for far longer
 * than the moment takes in which another could be in its way, so by chance hardly two meet. So in
 * two of three rounds each is stopped in such a moment, and goes on when all have got there: when
 * it has seen that there is no directory, or when it has written its file. A round has a time limit
 * of its own, so that a hang is told from many rounds; what a hung one reads from ends with the
 * children.
 */
@Tag("native")
@Timeout(value = 300, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class LoaderDrillIT {

  private static final int ROUNDS = Boolean.getBoolean("lmcache.soak") ? 51 : 3;
  private static final int PROCESSES = 16;
  private static final Pattern CODE =
      Pattern.compile("at ([0-9]+) length ([0-9]+) sha256 ([0-9a-f]{64})");

  /** Where each is stopped until all have got there. */
  private enum Stop {
    NOWHERE,
    AT_CHECK,
    /** What is written is synced before it gets its name. */
    AT_SYNC;

    /** The command to run others by, which says on which calls it stopped them. */
    List<String> tracing(Path directory, Path trace) {
      List<String> command = new ArrayList<>();
      if (this != NOWHERE) {
        String calls = this == AT_CHECK ? "%file" : "fsync";
        command.addAll(List.of("strace", "-D", "-f", "-qq", "-o", trace.toString()));
        command.addAll(List.of("-e", "trace=" + calls));
        command.addAll(List.of("-e", "inject=" + calls + ":signal=STOP:when=1"));
        // The signal gets lost where a filter is told of paths.
        command.addAll(
            this == AT_CHECK ? List.of("-P", directory.toString()) : List.of("--seccomp-bpf"));
      }
      return command;
    }
  }

  private static final Map<Stop, Integer> loaded = new EnumMap<>(Stop.class);

  @TempDir Path dir;

  private final List<Process> processes = new CopyOnWriteArrayList<>();

  static IntStream rounds() {
    return IntStream.range(0, ROUNDS);
  }

  @BeforeAll
  static void needsTracing() throws Exception {
    List<String> trial = Stop.AT_CHECK.tracing(Path.of("/none"), Path.of("/dev/null"));
    trial.add("true");
    Needs.program("tracing", trial.toArray(String[]::new));
  }

  @AfterEach
  void endChildren() {
    processes.forEach(Process::destroyForcibly);
    processes.forEach(process -> process.onExit().join());
  }

  @AfterAll
  static void allCame() {
    System.out.printf("loader drill: loads in %d rounds, by where they met: %s%n", ROUNDS, loaded);
    for (Stop stop : Stop.values()) {
      assertThat(loaded).containsEntry(stop, ROUNDS / 3 * PROCESSES);
    }
  }

  @ParameterizedTest
  @MethodSource("rounds")
  void sixteenProcessesAtOnceLeaveOneFile(int round) throws Exception {
    Stop stop = Stop.values()[round % 3];
    byte[] library = LoaderRuns.library(Programs.LIB);
    Path home = Files.createDirectory(dir.resolve("home"));
    Path tmp = Files.createDirectory(dir.resolve("tmp"));
    Path cache = home.resolve(".cache/lmcache/native");
    Path file = cache.resolve(LoaderRuns.nameOf(library));
    List<String> program =
        LoaderRuns.program(Programs.LIB, "-Duser.home=" + home, "-Djava.io.tmpdir=" + tmp);
    for (int i = 0; i < PROCESSES; i++) {
      List<String> command = stop.tracing(cache, trace(i));
      command.addAll(program);
      command.add("code");
      processes.add(
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    }

    List<BufferedReader> outputs = awaitReady();
    assertThat(cache).doesNotExist();
    for (Process process : processes) {
      OutputStream input = process.getOutputStream();
      input.write('\n');
      input.flush();
    }
    if (stop != Stop.NOWHERE) {
      awaitStopped(stop, outputs);
      if (stop == Stop.AT_CHECK) {
        assertThat(cache).doesNotExist();
      } else {
        assertAllHaveWritten(cache, library.length);
      }
      continueAll(outputs);
    }
    for (BufferedReader output : outputs) {
      assertThat(output.readLine()).isEqualTo("loaded " + file);
      assertIsCodeOf(library, String.valueOf(output.readLine()));
      loaded.merge(stop, 1, Integer::sum);
    }
    for (Process process : processes) {
      process.getOutputStream().close();
      assertThat(process.waitFor()).isZero();
    }
    assertThat(LoaderRuns.in(cache)).containsExactly(file);
    assertThat(file).hasBinaryContent(library);
    assertThat(tmp).isEmptyDirectory();
  }

  private Path trace(int process) {
    return dir.resolve("trace" + process);
  }

  private void awaitStopped(Stop stop, List<BufferedReader> outputs) throws IOException {
    for (int i = 0; i < PROCESSES; i++) {
      String trace = "";
      while (!trace.contains("--- stopped by SIGSTOP ---")) {
        for (BufferedReader output : outputs) {
          assertThat(output.ready()).as("one has finished before all have met").isFalse();
        }
        trace = Files.readString(trace(i));
      }
      assertThat(trace).contains(stop == Stop.AT_CHECK ? " ENOENT " : "fsync");
    }
  }

  /** A thread may stop only after it was to go on: so all are continued until they answer. */
  private void continueAll(List<BufferedReader> outputs) throws Exception {
    List<String> command = new ArrayList<>(List.of("kill", "-CONT"));
    processes.forEach(process -> command.add("" + process.pid()));
    for (BufferedReader output : outputs) {
      while (!output.ready()) {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
      }
    }
  }

  private static void assertAllHaveWritten(Path cache, int length) throws IOException {
    assertThat(LoaderRuns.in(cache))
        .hasSize(PROCESSES)
        .allSatisfy(
            file -> {
              assertThat(file.getFileName().toString()).startsWith("unpacking-");
              assertThat(file).hasSize(length);
            });
  }

  private static void assertIsCodeOf(byte[] library, String said) throws Exception {
    Matcher code = CODE.matcher(said);
    assertThat(code.matches()).as(said).isTrue();
    int from = Integer.parseInt(code.group(1));
    byte[] part = Arrays.copyOfRange(library, from, from + Integer.parseInt(code.group(2)));
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(part);
    assertThat(code.group(3)).as(said).isEqualTo(HexFormat.of().formatHex(digest));
  }

  private List<BufferedReader> awaitReady() throws IOException {
    List<BufferedReader> outputs =
        processes.stream().map(process -> process.inputReader(StandardCharsets.UTF_8)).toList();
    for (BufferedReader output : outputs) {
      assertThat(output.readLine()).isEqualTo("ready");
    }
    return outputs;
  }
}
