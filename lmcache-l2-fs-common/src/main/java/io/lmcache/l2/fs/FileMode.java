// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import io.lmcache.spi.Problems;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Pattern;

/** File modes as they are written in a configuration: in octal, such as {@code 0600}. */
public final class FileMode {

  private static final Pattern OCTAL = Pattern.compile("0?[0-7]{3}");
  private static final PosixFilePermission[] FROM_HIGHEST_BIT = PosixFilePermission.values();

  private FileMode() {}

  /**
   * Adds what is wrong with a mode, if anything.
   *
   * @param least what the owner must at least be allowed, so that the adapter can use its own files
   */
  public static void check(String field, String mode, String least, Problems problems) {
    if (!OCTAL.matcher(mode).matches()) {
      problems.add(field, "must be an octal mode such as \"" + least + "\", got \"" + mode + "\"");
    } else if (!permissions(mode).containsAll(permissions(least))) {
      problems.add(field, "must allow the owner at least \"" + least + "\", got \"" + mode + "\"");
    }
  }

  /** What a mode that was checked allows. */
  public static Set<PosixFilePermission> permissions(String mode) {
    int bits = bits(mode);
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    for (int i = 0; i < FROM_HIGHEST_BIT.length; i++) {
      if ((bits & (0400 >> i)) != 0) {
        permissions.add(FROM_HIGHEST_BIT[i]);
      }
    }
    return permissions;
  }

  /** The permission bits of a mode that was checked. */
  public static int bits(String mode) {
    return Integer.parseInt(mode, 8);
  }
}
