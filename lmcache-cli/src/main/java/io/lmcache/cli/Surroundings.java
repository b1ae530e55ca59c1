// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli;

import io.lmcache.cli.bench.MachineMemory;
import io.lmcache.core.AdapterRegistry;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What commands want to know of the world around them, in one place so that tests can have another
 * world.
 *
 * @param adapters finds the adapters
 * @param variable the value of an environment variable
 * @param memoryBytes how much memory this machine or container has
 * @param stderrIsTerminal whether somebody watches standard error
 */
public record Surroundings(
    Supplier<AdapterRegistry> adapters,
    Function<String, Optional<String>> variable,
    LongSupplier memoryBytes,
    boolean stderrIsTerminal) {

  /** The launcher tells what Java cannot find out: whether standard error is a terminal. */
  static final String STDERR_TERMINAL = "lmcache.stderr.tty";

  private static final int FIRST_JAVA_WHOSE_CONSOLE_IS_NO_SIGN = 22;

  /** The real world. */
  static Surroundings real() {
    return new Surroundings(
        AdapterRegistry::discover,
        name -> Optional.ofNullable(System.getenv(name)),
        MachineMemory::bytes,
        watched());
  }

  @SuppressWarnings("SystemConsoleNull") // asked only where null still means that
  private static boolean watched() {
    String told = System.getProperty(STDERR_TERMINAL);
    if (told != null) {
      return Boolean.parseBoolean(told);
    }
    return Runtime.version().feature() < FIRST_JAVA_WHOSE_CONSOLE_IS_NO_SIGN
        && System.console() != null;
  }
}
