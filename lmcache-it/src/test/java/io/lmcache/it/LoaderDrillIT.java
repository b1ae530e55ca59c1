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
import java.util.HexFormat;
import java.util.List;
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
 * <p>All wait when they are let go. In every second round each is stopped as soon as it has written
 * its file, and goes on when all have: none of them has found another's. A round has a time limit
 * of its own, so that a hang is told from many rounds; what a hung one reads from ends with the
 * children.
 */
@Tag("native")
@Timeout(value = 300, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class LoaderDrillIT {

  private static final int ROUNDS = Boolean.getBoolean("lmcache.soak") ? 50 : 3;
  private static final int PROCESSES = 16;
  private static final Pattern CODE =
      Pattern.compile("at ([0-9]+) length ([0-9]+) sha256 ([0-9a-f]{64})");

  /** What is written is synced before it gets its name. */
  private static final List<String> STOPPED_AT_SYNC =
      List.of(
          "strace",
          "-D",
          "-f",
          "--seccomp-bpf",
          "-qq",
          "-o",
          "/dev/null",
          "-e",
          "trace=fsync",
          "-e",
          "inject=fsync:signal=STOP:when=1");

  private static int loaded;
  private static int writtenAtOnce;

  @TempDir Path dir;

  private final List<Process> processes = new CopyOnWriteArrayList<>();

  static IntStream rounds() {
    return IntStream.range(0, ROUNDS);
  }

  @BeforeAll
  static void needsTracing() throws Exception {
    List<String> trial = new ArrayList<>(STOPPED_AT_SYNC);
    trial.add("true");
    LoaderRuns.needs("tracing", trial.toArray(String[]::new));
  }

  @AfterEach
  void endChildren() {
    processes.forEach(Process::destroyForcibly);
    processes.forEach(process -> process.onExit().join());
  }

  @AfterAll
  static void allCame() {
    System.out.printf(
        "loader drill: %d loads in %d rounds, %d of files written at once%n",
        loaded, ROUNDS, writtenAtOnce);
    assertThat(loaded).as("loads").isEqualTo(ROUNDS * PROCESSES);
    assertThat(writtenAtOnce).as("files written at once").isEqualTo(ROUNDS / 2 * PROCESSES);
  }

  @ParameterizedTest
  @MethodSource("rounds")
  void sixteenProcessesAtOnceLeaveOneFile(int round) throws Exception {
    boolean together = round % 2 == 1;
    byte[] library = LoaderRuns.library(Programs.LIB);
    Path home = Files.createDirectory(dir.resolve("home"));
    Path tmp = Files.createDirectory(dir.resolve("tmp"));
    Path cache = home.resolve(".cache/lmcache/native");
    Path file = cache.resolve(LoaderRuns.nameOf(library));
    List<String> command = new ArrayList<>();
    if (together) {
      command.addAll(STOPPED_AT_SYNC);
    }
    command.addAll(
        LoaderRuns.program(Programs.LIB, "-Duser.home=" + home, "-Djava.io.tmpdir=" + tmp));
    command.add("code");

    List<BufferedReader> outputs = startAndAwait(command);
    assertThat(cache).doesNotExist();
    for (Process process : processes) {
      OutputStream input = process.getOutputStream();
      input.write('\n');
      input.flush();
    }
    if (together) {
      continueWhenAllHaveWritten(cache, library.length, outputs);
    }
    for (BufferedReader output : outputs) {
      assertThat(output.readLine()).isEqualTo("loaded " + file);
      assertIsCodeOf(library, String.valueOf(output.readLine()));
      loaded++;
    }
    for (Process process : processes) {
      process.getOutputStream().close();
      assertThat(process.waitFor()).isZero();
    }
    assertThat(LoaderRuns.in(cache)).containsExactly(file);
    assertThat(file).hasBinaryContent(library);
    assertThat(tmp).isEmptyDirectory();
  }

  /** One that has written may be about to be stopped: so all are continued until they answer. */
  private void continueWhenAllHaveWritten(Path cache, int length, List<BufferedReader> outputs)
      throws Exception {
    while (!haveWritten(cache, length)) {
      for (BufferedReader output : outputs) {
        assertThat(output.ready()).as("one has finished before all have written").isFalse();
      }
    }
    writtenAtOnce += PROCESSES;
    List<String> goOn = new ArrayList<>(List.of("kill", "-CONT"));
    processes.forEach(process -> goOn.add("" + process.pid()));
    for (BufferedReader output : outputs) {
      while (!output.ready()) {
        assertThat(new ProcessBuilder(goOn).inheritIO().start().waitFor()).isZero();
      }
    }
  }

  private static boolean haveWritten(Path cache, int length) throws IOException {
    if (!Files.isDirectory(cache)) {
      return false;
    }
    List<Path> files = LoaderRuns.in(cache);
    for (Path file : files) {
      assertThat(file.getFileName().toString()).startsWith("unpacking-");
      if (Files.size(file) < length) {
        return false;
      }
    }
    return files.size() == PROCESSES;
  }

  private static void assertIsCodeOf(byte[] library, String said) throws Exception {
    Matcher code = CODE.matcher(said);
    assertThat(code.matches()).as(said).isTrue();
    int from = Integer.parseInt(code.group(1));
    byte[] part = Arrays.copyOfRange(library, from, from + Integer.parseInt(code.group(2)));
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(part);
    assertThat(code.group(3)).as(said).isEqualTo(HexFormat.of().formatHex(digest));
  }

  private List<BufferedReader> startAndAwait(List<String> command) throws IOException {
    for (int i = 0; i < PROCESSES; i++) {
      processes.add(
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    }
    List<BufferedReader> outputs =
        processes.stream().map(process -> process.inputReader(StandardCharsets.UTF_8)).toList();
    for (BufferedReader output : outputs) {
      assertThat(output.readLine()).isEqualTo("ready");
    }
    return outputs;
  }
}
