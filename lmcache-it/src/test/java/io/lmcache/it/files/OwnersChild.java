// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.it.Programs;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An {@link OwnersInstance} in a JVM of its own, which can be stopped, continued and killed. */
final class OwnersChild implements OwnersInstance {

  private static final List<String> OPTIONS =
      List.of("-Xmx128m", "-XX:MaxDirectMemorySize=1g", "-XX:TieredStopAtLevel=1");

  private final Process process;
  private final BufferedWriter in;
  private final BufferedReader out;
  private boolean stopped;

  private OwnersChild(List<String> command) throws IOException {
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    in =
        new BufferedWriter(
            new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  static OwnersChild start() throws IOException {
    return new OwnersChild(Programs.program(OwnersProgram.class, OPTIONS));
  }

  /** In a PID namespace of its own, where the processes outside do not exist. */
  static OwnersChild startInOtherNamespace() throws IOException {
    List<String> command = new ArrayList<>(NAMESPACE);
    command.addAll(Programs.program(OwnersProgram.class, OPTIONS));
    return new OwnersChild(command);
  }

  /** What makes a PID namespace; it takes its processes with it. */
  static final List<String> NAMESPACE =
      List.of("unshare", "--pid", "--fork", "--mount-proc", "--kill-child");

  @Override
  public String tell(String line) throws IOException {
    ask(line);
    return answer();
  }

  /** Sends a line whose answer is read later. */
  void ask(String line) throws IOException {
    in.write(line);
    in.newLine();
    in.flush();
  }

  /** Whether an answer has begun to come. */
  boolean hasAnswered() throws IOException {
    return out.ready();
  }

  String answer() throws IOException {
    String answer = out.readLine();
    assertThat(answer).as("answer of a child").isNotNull();
    return answer;
  }

  long pid() {
    return process.pid();
  }

  /** Returns once no thread of it runs. */
  void stop() throws IOException {
    Signals.stop(process);
    stopped = true;
  }

  void resume() throws IOException {
    Signals.resume(process);
    stopped = false;
  }

  /** Kills it as it is, stopped or not, and returns once it is gone. */
  void kill() {
    process.destroyForcibly();
    process.onExit().join();
  }

  /** Ends its input and expects it to end well; kills it if it does not. */
  @Override
  public void close() {
    try {
      boolean alive = process.isAlive() && !stopped;
      process.getOutputStream().close();
      if (alive) {
        boolean ended = process.waitFor(1, TimeUnit.MINUTES);
        assertThat(ended).as("the child ends").isTrue();
        assertThat(process.exitValue()).as("exit of the child").isZero();
      }
    } catch (IOException | InterruptedException e) {
      throw new AssertionError("a child cannot be ended", e);
    } finally {
      kill();
    }
  }
}
