// SPDX-License-Identifier: Apache-2.0
package io.lmcache.benchmarks;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * The comparison with the peers, very small: prints its figures. A program, so that it can run
 * where a file system is mounted that others do not see.
 */
final class PeersProgram {

  private static final PeersBenchmark.Plan PLAN =
      new PeersBenchmark.Plan(8, 1 << 20, List.of(2), List.of(true, false), 2);

  private PeersProgram() {}

  /** The number of rounds, and a directory. */
  @SuppressWarnings("SystemOut")
  public static void main(String[] args) throws Exception {
    run(Path.of(args[1]), Integer.parseInt(args[0]), System.out);
  }

  static void run(Path parent, int rounds, PrintStream out) throws Exception {
    PrintStream log =
        new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
    try (Scratch scratch = Scratch.in(parent, PeersBenchmark.bytesNeeded(PLAN))) {
      new PeersBenchmark(scratch, PLAN, log).run(rounds).print(out);
    }
  }
}
