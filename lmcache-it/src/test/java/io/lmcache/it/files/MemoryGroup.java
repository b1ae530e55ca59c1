// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * A control group whose processes together may have so much memory, the page cache that they fill
 * included; whoever needs more is killed. Below the group of this process, or, where a group with
 * processes must have none below (version 2), below the nearest one above it that hands memory
 * down.
 */
final class MemoryGroup implements AutoCloseable {

  /** What the files of a version of control groups are called. */
  private enum Version {
    TWO("0::(.*)", "cgroup2", "memory.max", "memory.swap.max", "memory.peak", "memory.events"),
    ONE(
        "\\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)",
        "cgroup",
        "memory.limit_in_bytes",
        "memory.memsw.limit_in_bytes",
        "memory.max_usage_in_bytes",
        "memory.oom_control");

    private final Pattern own;
    private final Pattern mount;
    private final String limit;
    private final String swap;
    private final String peak;
    private final String events;

    Version(String own, String type, String limit, String swap, String peak, String events) {
      this.own = Pattern.compile("(?m)^" + own + "$");
      String options = type.equals("cgroup") ? "(?:\\S*,)?memory(?:,\\S*)?" : "\\S*";
      this.mount =
          Pattern.compile(
              "(?m)^\\S+ \\S+ \\S+ (\\S+) (\\S+) .*- " + type + " \\S+ " + options + "$");
      this.limit = limit;
      this.swap = swap;
      this.peak = peak;
      this.events = events;
    }

    /** The group of this process; null if there is none of this version. */
    private @Nullable Path own() throws IOException {
      Matcher group = own.matcher(Files.readString(Path.of("/proc/self/cgroup")));
      Matcher mounted = mount.matcher(Files.readString(Path.of("/proc/self/mountinfo")));
      if (!group.find() || !mounted.find()) {
        return null;
      }
      String root = mounted.group(1);
      String below = group.group(1);
      if (!root.equals("/") && below.startsWith(root)) {
        below = below.substring(root.length());
      }
      return Path.of(mounted.group(2) + "/" + below).normalize();
    }
  }

  private final Version version;
  private final Path directory;

  private MemoryGroup(Version version, Path directory) {
    this.version = version;
    this.directory = directory;
  }

  /**
   * Where none can be made it is said why, and the test is left out. In CI too: it is the
   * container's decision, and nothing that could be installed.
   */
  static MemoryGroup of(long bytes) throws IOException {
    List<String> refusals = new ArrayList<>();
    for (Version version : Version.values()) {
      for (Path above = version.own();
          above != null && Files.exists(above.resolve("cgroup.procs"));
          above = above.getParent()) {
        MemoryGroup group = new MemoryGroup(version, above.resolve("lmcache-" + UUID.randomUUID()));
        try {
          group.make(bytes);
          return group;
        } catch (IOException e) {
          refusals.add(e.toString());
        }
      }
    }
    return Assumptions.abort("no control group can be made that limits memory: " + refusals);
  }

  private void make(long bytes) throws IOException {
    Files.createDirectory(directory);
    try {
      Files.writeString(limit(), Long.toString(bytes), StandardOpenOption.WRITE);
      assertThat(number(version.limit)).isEqualTo(bytes);
      // Else what does not fit goes there; the file is missing where nothing is counted that does.
      if (Files.exists(directory.resolve(version.swap))) {
        long most = version == Version.TWO ? 0 : bytes; // version 1 counts both together
        Files.writeString(
            directory.resolve(version.swap), Long.toString(most), StandardOpenOption.WRITE);
      }
    } catch (IOException | AssertionError e) {
      close();
      throw e;
    }
  }

  /** A command line whose process enters the group before it becomes the program. */
  List<String> inside(List<String> command) {
    List<String> all = new ArrayList<>();
    all.addAll(List.of("sh", "-ec", "echo $$ >\"$0/cgroup.procs\"; exec \"$@\"", "" + directory));
    all.addAll(command);
    return all;
  }

  /** What a process inside reads its limit from; its last name is that of its group. */
  Path limit() {
    return directory.resolve(version.limit);
  }

  /** The most memory that was used at the same time. */
  long peak() throws IOException {
    return number(version.peak);
  }

  /** How many processes were killed for want of memory. */
  long kills() throws IOException {
    Matcher kills = Pattern.compile("(?m)^oom_kill (\\d+)$").matcher(read(version.events));
    assertThat(kills.find()).as("oom_kill in %s", version.events).isTrue();
    return Long.parseLong(kills.group(1));
  }

  private long number(String file) throws IOException {
    return Long.parseLong(read(file));
  }

  private String read(String file) throws IOException {
    return Files.readString(directory.resolve(file), StandardCharsets.UTF_8).strip();
  }

  /** To be called when its processes are gone. */
  @Override
  public void close() throws IOException {
    Files.delete(directory);
  }

  @Override
  public String toString() {
    return Objects.toString(directory.getFileName());
  }
}
