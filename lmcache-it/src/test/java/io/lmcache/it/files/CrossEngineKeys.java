// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import io.lmcache.spi.ObjectKey;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;

/** The objects that both engines meet: every kind of name in every size, in several versions. */
final class CrossEngineKeys {

  /** How a key's file is named. */
  enum Kind {
    PLAIN,
    SALTED,
    /** With sub-directories, a part of their names is filled up. */
    SHORT_HASH,
    /** Only an attribute says the key. */
    DIGEST
  }

  /** Versions 0 to 3 are what the two sides store at once. */
  static final int VERSIONS = 4;

  private static final int GROWN = 2;

  /** One more version, for when one side has stored and the other has not. */
  static final int REPLACEMENT = VERSIONS;

  private static final List<Integer> SIZES = List.of(0, 1, 4096, 3_942_656);

  /** Long enough to be read by several threads; one is a multiple of no block. */
  private static final List<Integer> LARGE_SIZES = List.of(9 << 20, (32 << 20) + 1);

  /** From here on the objects are large: one with a plain name and one with a digest. */
  static final int LARGE = Kind.values().length * SIZES.size();

  static final int COUNT = LARGE + LARGE_SIZES.size();

  private CrossEngineKeys() {}

  static Kind kind(int n) {
    if (n >= LARGE) {
      return n == LARGE ? Kind.PLAIN : Kind.DIGEST;
    }
    return Kind.values()[n % Kind.values().length];
  }

  static ObjectKey key(int n) {
    byte[] hash = ByteBuffer.allocate(32).putLong(0, (n + 1) * 0x9E3779B97F4A7C15L).array();
    return switch (kind(n)) {
      case PLAIN -> ObjectKey.of(hash, "org/cross", 0);
      case SALTED -> ObjectKey.of(hash, "org/cross", 0x1_0000_0002L, 3, "tenant " + n + " \u00e4");
      case SHORT_HASH -> ObjectKey.of(new byte[] {(byte) (n + 1)}, "cross", 7);
      case DIGEST -> ObjectKey.of(hash, "org/" + "long-".repeat(60), 1, 0, "tenant-" + n);
    };
  }

  static long count(Kind kind) {
    return IntStream.range(0, COUNT).filter(n -> kind(n) == kind).count();
  }

  static List<ObjectKey> all() {
    return IntStream.range(0, COUNT).mapToObj(CrossEngineKeys::key).toList();
  }

  /**
   * The size of a version: half of the keys, and the large ones, keep theirs, the others differ
   * from {@link #GROWN} on; that of {@link #REPLACEMENT} is another one for all.
   */
  static int size(int n, int version) {
    if (n >= LARGE) {
      return LARGE_SIZES.get((n + (version == REPLACEMENT ? 1 : 0)) % LARGE_SIZES.size());
    }
    int steps = version == REPLACEMENT ? 2 : n % 2 == 1 && version >= GROWN ? 1 : 0;
    return SIZES.get((n / Kind.values().length + steps) % SIZES.size());
  }
}
