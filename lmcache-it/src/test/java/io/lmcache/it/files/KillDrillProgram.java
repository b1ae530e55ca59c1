// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Opens an adapter and writes from the first moment on, until it is killed; says whether the scan
 * at open is under way, when it is over, and each {@link LossEvent}. A line is in the pipe before
 * what it announces begins, and after what it reports has ended. Ends when nobody reads.
 *
 * <p>Arguments: engine, directory, {@code relative_tmp_dir}, seed, first version.
 */
final class KillDrillProgram {

  static final String RECOVERING = "recovering";
  static final String RECOVERED = "recovered";

  private KillDrillProgram() {}

  @SuppressWarnings("SystemOut")
  public static void main(String[] args) throws IOException, InterruptedException {
    String staging = "\"relative_tmp_dir\": \"" + args[2] + "\"";
    ExecutorService scan = Executors.newSingleThreadExecutor();
    try (FileAdapter adapter =
        FileAdapter.open(Engine.valueOf(args[0]), Path.of(args[1]), staging)) {
      if (adapter.usage().recovering()) {
        System.out.println(RECOVERING);
      }
      scan.execute(
          () -> {
            adapter.recovered();
            System.out.println(RECOVERED);
          });
      new LossWriters(
              adapter,
              KillDrill.KEYS,
              System.out::println,
              () -> !System.out.checkError(),
              true,
              Long.parseLong(args[3]),
              Integer.parseInt(args[4]))
          .run();
    } finally {
      scan.shutdownNow();
    }
  }
}
