// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.ObjectKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/** A JVM of its own that takes and gives back ownership when told. */
final class OwnershipChild implements AutoCloseable {

  private static final long HANG_SECONDS = 120;

  private final Process process;
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
  private final Thread reader;
  private final String pid;

  /**
   * Starts it.
   *
   * @param wrapper what to start it by, for example in a namespace; may be empty
   */
  OwnershipChild(Path base, String... wrapper) throws Exception {
    List<String> command = new ArrayList<>(List.of(wrapper));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // Without the files and the warnings on standard output that JVMs of equal process ids share.
    command.addAll(List.of("-XX:-UsePerfData", "-Xlog:disable", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", classPath(), OwnershipMain.class.getName(), base.toString()));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().remove("JAVA_TOOL_OPTIONS"); // The JVM would report it.
    process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    reader = new Thread(this::readAnswers, "ownership-child-" + process.pid());
    reader.setDaemon(true);
    reader.start();
    try {
      String ready = answer();
      assertThat(ready).startsWith("ready ");
      pid = ready.substring("ready ".length());
    } catch (InterruptedException | RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private static String classPath() throws URISyntaxException {
    List<String> places = new ArrayList<>();
    for (Class<?> type :
        new Class<?>[] {
          OwnershipMain.class,
          Ownership.class,
          ObjectKey.class,
          Logger.class,
          Nullable.class,
          org.assertj.core.api.Assertions.class
        }) {
      places.add(
          Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString());
    }
    return String.join(":", places);
  }

  private void readAnswers() {
    try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        answers.add(line);
      }
    } catch (IOException e) {
      answers.add("no answer: " + e);
    }
  }

  /** Its process id as it sees it. */
  String pid() {
    return pid;
  }

  void send(String command) {
    try {
      process.getOutputStream().write((command + "\n").getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String answer() throws InterruptedException {
    String answer = answers.poll(HANG_SECONDS, TimeUnit.SECONDS);
    assertThat(answer).as("answer of process %s", process.pid()).isNotNull();
    return String.valueOf(answer);
  }

  String ask(String command) throws InterruptedException {
    send(command);
    return answer();
  }

  /** Kills the JVM at once, whatever it was started by, and waits until it is gone. */
  void kill() throws InterruptedException {
    List<ProcessHandle> inside = process.descendants().toList();
    if (inside.isEmpty()) {
      process.destroyForcibly();
    }
    inside.forEach(ProcessHandle::destroyForcibly);
    awaitEnd();
  }

  /** Lets it come to its end, which it does when nothing more can be asked of it. */
  @Override
  public void close() {
    List<ProcessHandle> inside = process.descendants().toList();
    try {
      process.getOutputStream().close();
      awaitEnd();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } finally {
      inside.forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    for (ProcessHandle handle : inside) {
      assertThat(handle.isAlive()).as("process %s", handle.pid()).isFalse();
    }
  }

  private void awaitEnd() throws InterruptedException {
    assertThat(process.waitFor(HANG_SECONDS, TimeUnit.SECONDS)).as("%s ends", process).isTrue();
    reader.join(TimeUnit.SECONDS.toMillis(HANG_SECONDS));
    assertThat(reader.isAlive()).isFalse();
  }
}
