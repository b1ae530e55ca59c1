// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli;

import io.lmcache.core.AdapterRegistry;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs the command inside the test's JVM, in surroundings that the test chooses. */
public final class Cli {

  /** What a command did. */
  public record Result(int code, String out, String err) {

    /** The lines on standard error. */
    public List<String> errLines() {
      return err.lines().toList();
    }
  }

  private final Map<String, String> variables = new HashMap<>();
  private long memoryBytes = 64L << 30;
  private boolean stderrIsTerminal;

  /** Sets an environment variable. */
  public Cli variable(String name, String value) {
    variables.put(name, value);
    return this;
  }

  /** Sets how much memory there seems to be. */
  public Cli memory(long bytes) {
    memoryBytes = bytes;
    return this;
  }

  /** Puts somebody in front of standard error. */
  public Cli watched() {
    stderrIsTerminal = true;
    return this;
  }

  /** Runs. */
  public Result run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Surroundings surroundings =
        new Surroundings(
            AdapterRegistry::discover,
            name -> Optional.ofNullable(variables.get(name)),
            () -> memoryBytes,
            stderrIsTerminal);
    int code = Main.run(surroundings, new PrintWriter(out), new PrintWriter(err), args);
    return new Result(code, out.toString(), err.toString());
  }
}
