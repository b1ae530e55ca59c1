// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.doctor;

import io.lmcache.cli.L1Alignment;
import io.lmcache.spi.AdapterLimits;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Whether objects of one size go past the page cache.
 *
 * <p>The memory they come from begins each object at a multiple of an alignment and pads it to one.
 * Direct I/O needs a length that is a multiple, or padding up to one; without, the object is
 * buffered. Only then does the address matter, and a wrong one fails: an adapter does not fall back
 * for it.
 *
 * @param bytes the size
 * @param path which way such objects go
 * @param reason why they do not go direct; empty if they do
 * @param paddedBytes what they take in memory
 * @param enough the least alignment of the memory with which they would go direct; empty if there
 *     is none, or it is no question of alignment
 * @param lengthAlignment what lengths are to be multiples of
 * @param others whether objects of other sizes go direct
 */
record ObjectSize(
    long bytes,
    Path path,
    String reason,
    long paddedBytes,
    OptionalInt enough,
    int lengthAlignment,
    boolean others) {

  private static final String ODIRECT = "odirect";

  /** Which way objects go. */
  enum Path {
    DIRECT,
    BUFFERED,
    /** None: stores fail. */
    REFUSED;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Judges one size.
   *
   * @param bytes the size, 1 or more
   * @param alignment of the memory; a power of two
   * @param limits the adapter's
   * @param settings the adapter's
   */
  static ObjectSize of(long bytes, int alignment, AdapterLimits limits, List<Setting> settings) {
    long padded = roundedUp(bytes, alignment);
    int unit = limits.lengthAlignment();
    if (bytes > limits.maxObjectBytes()) {
      String reason = "the largest object is " + limits.maxObjectBytes() + " bytes";
      return new ObjectSize(bytes, Path.REFUSED, reason, padded, OptionalInt.empty(), unit, true);
    }
    Optional<Setting> odirect =
        settings.stream().filter(setting -> setting.name().equals(ODIRECT)).findFirst();
    Optional<String> off = whyOff(odirect);
    boolean required = odirect.map(Setting::requested).filter("require"::equals).isPresent();
    if (off.isPresent()) {
      Path path = required ? Path.REFUSED : Path.BUFFERED;
      return new ObjectSize(bytes, path, off.get(), padded, OptionalInt.empty(), unit, false);
    }
    boolean covered = covered(bytes, alignment, unit);
    if (covered && alignment >= limits.memoryAlignment()) {
      return new ObjectSize(bytes, Path.DIRECT, "", padded, OptionalInt.of(alignment), unit, true);
    }
    return new ObjectSize(
        bytes,
        covered || required ? Path.REFUSED : Path.BUFFERED,
        covered
            ? "addresses are multiples of " + alignment + ", not of " + limits.memoryAlignment()
            : notCovered(padded, unit) + (required ? ", and direct I/O is required" : ""),
        padded,
        enough(bytes, limits),
        unit,
        true);
  }

  private static Optional<String> whyOff(Optional<Setting> odirect) {
    if (odirect.isEmpty()) {
      return Optional.of("the adapter has no setting odirect");
    }
    Setting setting = odirect.get();
    if (setting.effective().isEmpty()) {
      return Optional.of("odirect is not requested");
    }
    return setting.missed()
        ? Optional.of("odirect is not effective: " + setting.why())
        : Optional.empty();
  }

  private static String notCovered(long padded, int unit) {
    return padded > AdapterLimits.MAX_OBJECT_BYTES
        ? "with padding to " + padded + " bytes it is more than one buffer holds"
        : "padding to " + padded + " bytes does not reach a multiple of " + unit;
  }

  private static OptionalInt enough(long bytes, AdapterLimits limits) {
    for (long next = limits.memoryAlignment(); next <= L1Alignment.MAX; next *= 2) {
      if (covered(bytes, next, limits.lengthAlignment())) {
        return OptionalInt.of((int) next);
      }
    }
    return OptionalInt.empty();
  }

  private static boolean covered(long bytes, long alignment, int unit) {
    long padded = roundedUp(bytes, alignment);
    return padded >= roundedUp(bytes, unit) && padded <= AdapterLimits.MAX_OBJECT_BYTES;
  }

  private static long roundedUp(long bytes, long unit) {
    return (bytes + unit - 1) / unit * unit;
  }

  /** Whether the length would do without any padding. */
  boolean isMultiple() {
    return bytes % lengthAlignment == 0;
  }

  /**
   * What is not as it was asked for. That nothing goes direct is told of the setting, and no size
   * is to blame.
   */
  Optional<String> problem() {
    return switch (path) {
      case DIRECT -> Optional.empty();
      case BUFFERED -> others ? Optional.of("not direct: " + reason + advice()) : Optional.empty();
      case REFUSED -> Optional.of("stores fail: " + reason + advice());
    };
  }

  /** What would make it direct, for the end of a sentence; empty if nothing would. */
  String advice() {
    return path != Path.DIRECT && enough.isPresent()
        ? "; --l1-align-bytes " + enough.getAsInt() + " makes it direct"
        : "";
  }
}
