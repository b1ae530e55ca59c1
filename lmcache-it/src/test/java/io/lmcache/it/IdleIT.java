// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Threads with nothing to do stay asleep: they wait for events and for nothing else. */
@Tag("native")
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class IdleIT {

  private static final int SECONDS = 10;

  @TempDir Path dir;

  @Test
  void ourThreadsDoNotWakeWhileIdle() throws Exception {
    String spec =
        "{\"type\":\"fs_native\",\"base_path\":\""
            + dir
            + "/kv\",\"num_workers\":8,\"read_io_depth\":2}";
    Process process =
        new ProcessBuilder(Programs.program(BatchProgram.class, List.of(), spec))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(out.readLine()).isEqualTo("stored 64 listed 64");
      Map<String, String> before = switchesOnceAsleep(process.pid());
      assertThat(before.keySet())
          .extracting(name -> name.replaceAll(" .*", ""))
          .contains("lmc-io-0", "lmc-io-7", "lmc-read-0", "lmc-read-1", "lmc-drain", "lmc-list")
          .contains("lmc-events-batc")
          .hasSize(13);
      // Time passing is what this is about; nothing could signal that nothing happened.
      assertThat(new CountDownLatch(1).await(SECONDS, TimeUnit.SECONDS)).isFalse();
      assertThat(switches(process.pid())).isEqualTo(before);
      process.getOutputStream().close();
      assertThat(process.waitFor()).isZero();
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private static Map<String, String> switchesOnceAsleep(long pid) throws IOException {
    Map<String, String> now = switches(pid);
    while (now.values().stream().anyMatch(line -> !line.startsWith("S"))) {
      now = switches(pid);
    }
    return now;
  }

  /** State and voluntary context switches of our threads, by name and id. */
  private static Map<String, String> switches(long pid) throws IOException {
    Map<String, String> result = new TreeMap<>();
    try (Stream<Path> tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
      for (Path task : tasks.toList()) {
        String name = Files.readString(task.resolve("comm")).strip();
        if (name.startsWith("lmc-")) {
          String state = "";
          String switches = "";
          for (String line : Files.readAllLines(task.resolve("status"))) {
            state = line.startsWith("State:") ? line.substring(6).strip() : state;
            switches = line.startsWith("voluntary_ctxt_switches:") ? line : switches;
          }
          result.put(name + " " + task.getFileName(), state + " " + switches);
        }
      }
    }
    return result;
  }
}
