// SPDX-License-Identifier: Apache-2.0
package io.lmcache.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * {@code fio} with a thread and a buffer for each worker, and a file for each object: created by
 * the writes, neither renamed nor synced, and read with whole-object blocks. Its memory is on huge
 * pages by the C library, which is asked to. What it reports is the longest run of any thread,
 * which leaves out how long they began one after another; so the time is taken from its log of all
 * operations, from the first one's begin to the last one's end, in whole milliseconds.
 */
final class FioSide implements Work.Side {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int HUGE_PAGE = 2 << 20;

  private final Work work;
  private long hugeBytes;

  private FioSide(Work work) {
    this.work = work;
  }

  static FioSide open(Work work) {
    if (work.buffers() != work.workers()) {
      throw new IllegalArgumentException("fio has a buffer for each of its threads");
    }
    return new FioSide(work);
  }

  /** Whether there is one. */
  static boolean available() {
    return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":", -1))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, "fio")));
  }

  @Override
  public long store(Memory from) throws IOException {
    return run("write", 1, "--create_on_open=1", "--fallocate=none", "--scramble_buffers=0");
  }

  @Override
  public long load(Memory into, int passes) throws IOException {
    return run("read", passes, "--invalidate=0", "--fadvise_hint=0", "--loops=" + passes);
  }

  private long run(String direction, int passes, String... more) throws IOException {
    int filesPerJob = work.objects() / work.workers();
    List<String> command = new ArrayList<>(List.of("fio", "--name=peer", "--output-format=json"));
    command.add("--directory=" + work.directory());
    command.add("--filename_format=object.$jobnum.$filenum.data");
    command.addAll(List.of("--ioengine=psync", "--thread", "--group_reporting"));
    command.add("--numjobs=" + work.workers());
    command.add("--nrfiles=" + filesPerJob);
    command.add("--file_service_type=sequential");
    command.add("--size=" + (long) filesPerJob * work.objectBytes());
    command.add("--bs=" + work.objectBytes());
    command.add("--direct=" + (work.direct() ? 1 : 0));
    command.add("--rw=" + direction);
    // Private memory, which is what the advice for huge pages is for.
    command.addAll(List.of("--mem=malloc", "--iomem_align=" + HUGE_PAGE));
    command.addAll(List.of(more));
    Path logs = Files.createTempDirectory("lmcache-bench-fio-");
    try {
      command.addAll(List.of("--write_lat_log=" + logs.resolve("all"), "--log_unix_epoch=1"));
      mustHaveMoved(passes, direction, command);
      return span(logs, work.objects() * passes);
    } finally {
      Scratch.remove(logs);
    }
  }

  private void mustHaveMoved(int passes, String direction, List<String> command)
      throws IOException {
    Map<String, String> environment = Map.of("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1");
    String json = String.join("\n", Programs.run(command, environment, this::lookAtPages));
    JsonNode job = JSON.readTree(json.substring(json.indexOf('{'))).path("jobs").path(0);
    JsonNode side = job.path(direction);
    if (job.path("error").asInt(-1) != 0
        || side.path("io_bytes").asLong() != work.bytes() * passes) {
      throw new IOException("fio did not move what it should: " + side.path("io_bytes"));
    }
  }

  /** Nanoseconds from the begin of the first operation to the end of the last one. */
  private static long span(Path logs, int operations) throws IOException {
    long first = Long.MAX_VALUE;
    long last = Long.MIN_VALUE;
    int seen = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(logs, "all_lat.*")) {
      for (Path file : files) {
        for (String line : Files.readAllLines(file)) {
          String[] fields = line.split(", *", 3);
          long end = TimeUnit.MILLISECONDS.toNanos(Long.parseLong(fields[0]));
          first = Math.min(first, end - Long.parseLong(fields[1]));
          last = Math.max(last, end);
          seen++;
        }
      }
    }
    if (seen != operations) {
      throw new IOException("fio logged " + seen + " operations of " + operations);
    }
    return last - first;
  }

  private void lookAtPages(Process process) {
    try (Stream<String> lines = Files.lines(Path.of("/proc/" + process.pid() + "/smaps_rollup"))) {
      lines
          .filter(line -> line.startsWith("AnonHugePages:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
          .forEach(bytes -> hugeBytes = Math.max(hugeBytes, bytes));
    } catch (IOException | UncheckedIOException e) {
      // It has ended meanwhile, which its exit code tells.
      Thread.onSpinWait();
    }
  }

  /** How much memory was on huge pages at most, as far as it was looked at. */
  long hugeBytes() {
    return hugeBytes;
  }

  @Override
  public boolean fillsMemory() {
    return false;
  }

  @Override
  public List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(work.directory())) {
      return all.toList();
    }
  }

  @Override
  public void close() {
    // Its process has ended.
  }
}
