// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

/**
 * How status tells of settings whose effect depends on the machine, see {@link
 * io.lmcache.spi.AdapterStatus}.
 */
public final class Effect {

  private Effect() {}

  /** Was asked for, and is in effect. */
  public static String effective(Object requested) {
    return "requested=" + requested + " effective=true";
  }

  /** Was asked for, and is not in effect. */
  public static String ineffective(Object requested, String reason) {
    return "requested=" + requested + " effective=false reason=" + reason;
  }

  /** What status says of {@code read_ahead_size}. */
  public static String readAhead(int size, boolean direct) {
    return direct ? ineffective(size, "reads are direct") : effective(size);
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
