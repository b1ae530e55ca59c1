// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core.memory;

/**
 * What kind of pages some memory is made of, as the kernel said at one moment. Memory that was not
 * touched yet has none.
 *
 * @param bytes how much memory
 * @param hugePageBytes how much of it is on huge pages
 * @param otherwise what it is made of where it is not on huge pages
 * @param why why none of it is on huge pages, if anything is known; else empty
 */
public record MemoryKind(long bytes, long hugePageBytes, String otherwise, String why) {

  private static final long MIB = 1 << 20;

  /** Both taken together. */
  public MemoryKind and(MemoryKind other) {
    return new MemoryKind(
        bytes + other.bytes,
        hugePageBytes + other.hugePageBytes,
        otherwise,
        why.isEmpty() ? other.why : why);
  }

  /** For people. */
  @Override
  public String toString() {
    if (hugePageBytes > 0) {
      return "huge pages (" + hugePageBytes / MIB + " of " + bytes / MIB + " MiB)";
    }
    return otherwise + (why.isEmpty() ? "" : ": " + why);
  }
}
