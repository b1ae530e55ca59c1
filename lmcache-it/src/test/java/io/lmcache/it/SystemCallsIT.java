// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Which threads do the I/O of a batch, and how often completions wake anybody, as strace sees it.
 */
@Tag("native")
final class SystemCallsIT {

  private static final Pattern NAMED =
      Pattern.compile("^(\\d+) +prctl\\(PR_SET_NAME, \"(lmc-io-\\d+)\"");
  private static final Pattern CALL = Pattern.compile("^(\\d+) +(\\w+)\\(\\d+<([^>]*)>");

  @TempDir Path dir;

  @Test
  void workersWriteAndOneThreadWakesOnceForTheWholeBatch() throws Exception {
    Needs.that(Files.exists(Path.of("/usr/bin/strace")), "strace is not installed");
    Path trace = dir.resolve("trace");
    String spec = "{\"type\":\"fs_native\",\"base_path\":\"" + dir + "/kv\",\"num_workers\":4}";
    List<String> command = new ArrayList<>(List.of("strace", "-f", "-y", "-s", "32"));
    command.addAll(List.of("-e", "trace=prctl,read,write,pwrite64", "-o", trace.toString()));
    command.addAll(Programs.program(BatchProgram.class, List.of(), spec));
    Programs.Ended ended = Programs.run(dir, Map.of(), command);
    assertThat(ended.exit()).as(ended.err()).isZero();
    assertThat(ended.out()).isEqualTo("stored 64 listed 64\n");

    Map<String, String> workers = new HashMap<>();
    Set<String> writers = new HashSet<>();
    Set<String> drainers = new HashSet<>();
    int objectWrites = 0;
    int eventReads = 0;
    for (String line : Files.readAllLines(trace)) {
      Matcher named = NAMED.matcher(line);
      if (named.find()) {
        workers.put(named.group(1), named.group(2));
      }
      Matcher call = CALL.matcher(line);
      if (call.find() && call.group(3).startsWith(dir + "/kv/.lmc-")) {
        assertThat(call.group(2)).isEqualTo("pwrite64");
        writers.add(call.group(1));
        objectWrites++;
      } else if (call.reset().find()
          && call.group(2).equals("read")
          && call.group(3).contains("eventfd")) {
        drainers.add(call.group(1));
        eventReads++;
      }
    }
    assertThat(workers.values())
        .containsExactlyInAnyOrder("lmc-io-0", "lmc-io-1", "lmc-io-2", "lmc-io-3");
    assertThat(objectWrites).isEqualTo(BatchProgram.KEYS);
    assertThat(writers).isSubsetOf(workers.keySet());
    // One for the batch and one for the end; one more where a signal of the system interrupts it.
    assertThat(eventReads).as("wake-ups").isBetween(1, 3);
    assertThat(drainers).hasSize(1).doesNotContainAnyElementsOf(workers.keySet());
  }
}
