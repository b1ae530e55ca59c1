// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import io.lmcache.spi.StoreMode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A {@link Crowd} on a shared adapter: says {@code ready}, runs when it is told a line, says what
 * it saw, and closes when its input ends. Arguments: engine, {@code base_path}, and the crowd's
 * mode, seed, threads, milliseconds and operations of a thread.
 */
final class CrowdProgram {

  private CrowdProgram() {}

  @SuppressWarnings("SystemOut")
  public static void main(String[] args) throws Exception {
    Crowd crowd =
        new Crowd(
            StoreMode.valueOf(args[2]),
            Integer.parseInt(args[3]),
            Integer.parseInt(args[4]),
            Integer.parseInt(args[5]),
            Integer.parseInt(args[6]));
    String fields = "\"shared\": true, \"num_workers\": 8";
    try (FileAdapter adapter = FileAdapter.open(Engine.valueOf(args[0]), Path.of(args[1]), fields);
        BufferedReader in =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      while (adapter.usage().recovering()) {
        Thread.onSpinWait();
      }
      System.out.println("ready");
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        CrossEngineSeen seen = crowd.run(adapter);
        noteWhatIsLeft(adapter, seen);
        System.out.println(seen);
      }
    }
  }

  /** When everything has ended nothing is lent, under way, or was ever wrong. */
  private static void noteWhatIsLeft(FileAdapter adapter, CrossEngineSeen seen) {
    Map<String, String> details = adapter.adapter().status().details();
    for (String counter : List.of("corrupt", "corrupt_kept", "empty", "foreign", "unverified")) {
      if (!"0".equals(details.get(counter))) {
        seen.problem(counter + " is " + details.get(counter));
      }
    }
    if (adapter.adapter().loans() != 0 || adapter.usage().inFlightBytes() != 0) {
      seen.problem(adapter.adapter().loans() + " loans, " + adapter.usage());
    }
    if (adapter.adapter().status().pinnedKeys() != 0) {
      seen.problem(adapter.adapter().status().pinnedKeys() + " keys pinned");
    }
  }
}
