// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core.memory;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@code /proc/self/smaps}: what the kernel says of each piece of a process's memory. */
final class Smaps {

  /** What a range of addresses is made of. */
  record Part(long residentBytes, long hugePageBytes) {}

  private static final Pattern RANGE = Pattern.compile("^([0-9a-f]+)-([0-9a-f]+) .*");
  private static final Pattern SIZE = Pattern.compile("^(Rss|AnonHugePages): +(\\d+) kB$");

  private Smaps() {}

  /** The sum over all pieces that lie between two addresses. */
  static Part part(String smaps, long from, long to) {
    long resident = 0;
    long huge = 0;
    boolean within = false;
    for (String line : smaps.lines().toList()) {
      Matcher range = RANGE.matcher(line);
      if (range.matches()) {
        within =
            Long.compareUnsigned(Long.parseUnsignedLong(range.group(1), 16), from) >= 0
                && Long.compareUnsigned(Long.parseUnsignedLong(range.group(2), 16), to) <= 0;
        continue;
      }
      Matcher size = SIZE.matcher(line);
      if (within && size.matches()) {
        long bytes = Long.parseLong(size.group(2)) * 1024;
        resident += size.group(1).equals("Rss") ? bytes : 0;
        huge += size.group(1).equals("Rss") ? 0 : bytes;
      }
    }
    return new Part(resident, huge);
  }
}
