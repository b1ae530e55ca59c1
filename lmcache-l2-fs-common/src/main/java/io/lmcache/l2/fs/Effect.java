// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import java.util.Locale;
import java.util.Set;

/**
 * How status tells of settings that may be without effect here, see {@link
 * io.lmcache.spi.AdapterStatus}.
 */
public final class Effect {

  /** Nothing that is in memory only survives a power loss, whatever is synced. */
  private static final Set<String> IN_MEMORY = Set.of("tmpfs", "ramfs");

  private Effect() {}

  /** Was asked for, and is in effect. */
  public static String effective(Object requested) {
    return "requested=" + requested + " effective=true";
  }

  /** Was asked for, and is not in effect. */
  public static String ineffective(Object requested, String reason) {
    return "requested=" + requested + " effective=false reason=" + reason;
  }

  /** Was asked for, and is taken to be in effect, though that is not sure. */
  public static String unproven(Object requested, String reason) {
    return effective(requested) + " reason=" + reason;
  }

  /** Why it is not sure that files go past the page cache: there was no room to try. */
  public static String unprovenWithoutRoom(String errno) {
    return "unproven: " + errno + " when it was tried; the next stores try again";
  }

  /** What status says of {@code read_ahead_size}. */
  public static String readAhead(int size, boolean direct, UseOdirect wanted) {
    if (!direct) {
      return effective(size);
    }
    boolean all = wanted == UseOdirect.REQUIRE;
    return ineffective(size, "reads are direct" + (all ? "" : ", but for those that fall back"));
  }

  /** What status says of {@code max_capacity_gb}, which always counts and never limits. */
  public static String capacity(double gib) {
    return gib == 0 ? "none" : gib + ", for counting: only eviction keeps below it";
  }

  /** What status says of {@code fsync}. */
  public static String fsync(Fsync fsync, ObjectDirectory directory) {
    String requested = fsync.name().toLowerCase(Locale.ROOT);
    if (fsync == Fsync.NONE) {
      return "requested=" + requested;
    }
    return IN_MEMORY.contains(directory.fileSystem())
        ? ineffective(requested, directory.fileSystem() + " is in memory")
        : effective(requested);
  }

  /** What status says of {@code persist_enabled}. */
  static String persistence(boolean persists, boolean attributes) {
    if (persists) {
      return "true";
    }
    return attributes
        ? effective(false)
        : ineffective(false, "without extended attributes nothing tells which files are ours");
  }

  /** What status says of {@code checksum}. */
  public static String checksum(Checksum checksum, ObjectDirectory directory) {
    return switch (checksum) {
      case NONE -> "requested=none";
      case CRC32C ->
          directory.attributes()
              ? effective("crc32c")
              : ineffective("crc32c", "no extended attributes on " + directory.fileSystem());
    };
  }
}
