// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** How often something was found that an operator should know of. Safe for use by many threads. */
final class Counters {

  /** What is counted. */
  enum Count {
    /** Loads that found a damaged file. */
    CORRUPT,
    /** Damaged files that stay, because too many were found. */
    CORRUPT_KEPT,
    /** Loads of files without attribute. */
    UNVERIFIED,
    /** Loads that met what is not ours. */
    FOREIGN,
    /** Empty files, as a crash leaves them. */
    EMPTY,
    /** Loads that wanted another length. */
    SIZE_MISMATCH,
    /** Objects stored past the page cache. */
    DIRECT_STORES,
    /** Objects loaded past the page cache. */
    DIRECT_LOADS,
    /** Direct I/O wanted, but the length does not allow it. */
    ODIRECT_FALLBACK_LENGTH,
    /** Direct I/O wanted, but the file system does not do it. */
    ODIRECT_FALLBACK_FS,
    /** Direct I/O wanted, but refused for one file. */
    ODIRECT_FALLBACK_ERRNO
  }

  /** Never changed once it is filled, so that any thread may read it. */
  private final Map<Count, LongAdder> counts = new EnumMap<>(Count.class);

  Counters() {
    for (Count count : Count.values()) {
      counts.put(count, new LongAdder());
    }
  }

  void add(Count what) {
    counter(what).increment();
  }

  long get(Count what) {
    return counter(what).sum();
  }

  private LongAdder counter(Count what) {
    return Objects.requireNonNull(counts.get(what));
  }

  /** Writes all of them down. */
  void addTo(Map<String, String> details) {
    for (Count count : Count.values()) {
      details.put(count.name().toLowerCase(Locale.ROOT), Long.toString(get(count)));
    }
  }
}
