// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import io.lmcache.spi.CommonConfig;
import io.lmcache.spi.Problems;
import java.util.List;

/**
 * The configuration fields that every adapter over a directory has: their words and their checks. A
 * record cannot inherit components, so each adapter's record has them once more.
 */
public final class DirectoryFields {

  public static final String BASE_PATH =
      "directory of the KV cache files; created with its parents, mode dir_mode";
  public static final String RELATIVE_TMP_DIR =
      "sub-directory of base_path for files being written; empty: base_path itself";
  public static final String READ_AHEAD_SIZE =
      "length of the first read of a buffered load, which warms the file system's read-ahead; one"
          + " thread then reads all of the object, also where fs_native would share it out;"
          + " ignored when the read is direct";
  public static final String USE_ODIRECT =
      "true: bypass the page cache where the file system and the buffers allow it; \"require\":"
          + " fail where they do not";
  public static final String MAX_CAPACITY_GB = "capacity for usage tracking; 0: no limit";
  public static final String CHECKSUM =
      "crc32c: a load delivers only bytes that match what was stored; none: not checked";
  public static final String FSYNC =
      "none: objects survive the death of the process; data: after power loss an object is whole"
          + " or absent; full: an acknowledged object is there";
  public static final String HASH_SUBDIR_LEVELS =
      "levels of sub-directories, for file systems that are slow with large directories; upstream"
          + " reads only 0";
  public static final String FILE_MODE = "octal mode of the files, whatever the umask";
  public static final String DIR_MODE =
      "octal mode of directories that are created, whatever the umask";

  private static final long GIB = 1L << 30;

  private DirectoryFields() {}

  /** Adds what is wrong with these fields, beyond their types and ranges. */
  public static void check(
      String relativeTmpDir, String fileMode, String dirMode, Problems problems) {
    if (relativeTmpDir.startsWith("/")) {
      problems.add(
          "relative_tmp_dir", "must be relative to base_path, got \"" + relativeTmpDir + "\"");
    }
    if (List.of(relativeTmpDir.split("/", -1)).contains("..")) {
      problems.add("relative_tmp_dir", "must not contain \"..\", got \"" + relativeTmpDir + "\"");
    }
    if (relativeTmpDir.chars().anyMatch(Character::isISOControl)) {
      problems.add("relative_tmp_dir", "must not contain control characters");
    }
    if (relativeTmpDir.equals(MetaDirectory.NAME)
        || relativeTmpDir.startsWith(MetaDirectory.NAME + "/")) {
      problems.add(
          "relative_tmp_dir",
          "must not be in " + MetaDirectory.NAME + ", which is the format's own directory");
    }
    FileMode.check("file_mode", fileMode, "0600", problems);
    FileMode.check("dir_mode", dirMode, "0700", problems);
  }

  /** Adds a problem if a number of GiB is not 0, but less than a byte: that would be no limit. */
  public static void checkGib(String field, double gib, Problems problems) {
    if (gib > 0 && bytes(gib) == 0) {
      problems.add(field, "must be 0 or at least one byte, which is 1e-9 GiB, got " + gib);
    }
  }

  /** Adds what is wrong with the fields that all adapters have, for a directory. */
  public static void check(CommonConfig common, Problems problems) {
    if (!common.persistEnabled() && common.shared()) {
      problems.add(
          "persist_enabled",
          "must be true where shared is: others may need the files that a close removes");
    }
  }

  /** A number of GiB in bytes; whole numbers exactly. */
  public static long bytes(double gib) {
    return (long) Math.min(gib * GIB, Long.MAX_VALUE);
  }
}
