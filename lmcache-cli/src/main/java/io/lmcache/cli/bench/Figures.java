// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import java.util.Locale;

/** Numbers for people: the same in every locale, sizes in binary units. */
final class Figures {

  private static final double MIB = 1 << 20;
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

  private Figures() {}

  static String mib(double bytes) {
    return fixed(bytes / MIB, 1);
  }

  static String fixed(double value, int decimals) {
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }

  /** A size in the largest unit that leaves at least 1. */
  static String binary(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= 1024 && unit < UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    boolean whole = value == Math.rint(value);
    return fixed(value, whole ? 0 : 1) + " " + UNITS[unit];
  }

  /** A number and its noun, which takes an s unless the number is 1. */
  static String count(long n, String noun) {
    return n + " " + noun + (n == 1 ? "" : "s");
  }
}
