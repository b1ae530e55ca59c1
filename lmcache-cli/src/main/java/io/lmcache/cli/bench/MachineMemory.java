// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How much memory there is: the machine's, or what a control group leaves of it. The JVM knows the
 * limit of its own group; those above it, which bind as well, are read here.
 */
public final class MachineMemory {

  private static final Path GROUPS = Path.of("/sys/fs/cgroup");

  private MachineMemory() {}

  /** In bytes. */
  public static long bytes() {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return Math.min(
        system.getTotalMemorySize(), groupLimit(GROUPS, text(Path.of("/proc/self/cgroup"))));
  }

  /**
   * The least limit on the way from the process's group to the root.
   *
   * @param root where the groups are mounted
   * @param membership the text that tells the process's group
   */
  static long groupLimit(Path root, String membership) {
    Path group = root.resolve(pathOf(membership)).normalize();
    long least = Long.MAX_VALUE;
    for (@Nullable Path at = group; at != null && at.startsWith(root); at = at.getParent()) {
      least = Math.min(least, number(text(at.resolve("memory.max"))));
    }
    return least;
  }

  private static String pathOf(String membership) {
    return membership
        .lines()
        .filter(line -> line.startsWith("0::/"))
        .map(line -> line.substring("0::/".length()))
        .findFirst()
        .orElse("");
  }

  private static long number(String text) {
    try {
      return Long.parseLong(text.strip());
    } catch (NumberFormatException e) {
      return Long.MAX_VALUE; // "max", or no such file: no limit here
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "";
    }
  }
}
