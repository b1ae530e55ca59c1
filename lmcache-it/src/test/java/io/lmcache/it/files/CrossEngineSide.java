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
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A {@link CrossEngineCommands} in a JVM of its own. */
final class CrossEngineSide implements OwnersInstance {

  private static final List<String> OPTIONS =
      List.of("-Xmx128m", "-XX:MaxDirectMemorySize=512m", "-XX:TieredStopAtLevel=1");

  private final Process process;
  private final BufferedWriter in;
  private final BufferedReader out;

  private CrossEngineSide(Process process) {
    this.process = process;
    in =
        new BufferedWriter(
            new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  static CrossEngineSide start() throws IOException {
    return new CrossEngineSide(
        new ProcessBuilder(Programs.program(CrossEngineCommands.class, OPTIONS))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start());
  }

  @Override
  public String tell(String line) throws IOException {
    in.write(line);
    in.newLine();
    in.flush();
    String answer = out.readLine();
    assertThat(answer).as("answer of a child").isNotNull();
    return answer;
  }

  /** Ends its input and expects it to end well; kills it if it does not. */
  @Override
  public void close() {
    try {
      process.getOutputStream().close();
      boolean ended = process.waitFor(1, TimeUnit.MINUTES);
      assertThat(ended).as("the child ends").isTrue();
      assertThat(process.exitValue()).as("exit of the child").isZero();
    } catch (IOException | InterruptedException e) {
      throw new AssertionError("a child cannot be ended", e);
    } finally {
      process.destroyForcibly();
      process.onExit().join();
    }
  }
}
