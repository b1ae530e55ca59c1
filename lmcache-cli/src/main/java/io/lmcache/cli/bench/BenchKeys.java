// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import io.lmcache.spi.ObjectKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.UUID;

/**
 * The names of the bench's objects: a universe per run, in which a name depends on the round and
 * the index alone.
 *
 * <p>A full run has a universe of its own, so that no run meets what another left. Runs of a single
 * operation share one per seed, so that they meet. Warm-up rounds count on their own: how many
 * there are changes no measured key.
 */
final class BenchKeys {

  /** The model that all of the bench's keys carry. */
  static final String MODEL = "lmcache-bench";

  private static final int STORED = 0;
  private static final int ABSENT = 1;

  private final String universe;
  private final long seed;

  private BenchKeys(String universe, long seed) {
    this.universe = universe;
    this.seed = seed;
  }

  /** Keys that no other run has. */
  static BenchKeys ofOneRun(long seed) {
    UUID random = UUID.randomUUID();
    return new BenchKeys(
        HexFormat.of()
            .toHexDigits(random.getMostSignificantBits() ^ random.getLeastSignificantBits()),
        seed);
  }

  /** The keys that all runs of a seed share. */
  static BenchKeys shared(long seed) {
    return new BenchKeys("shared-" + HexFormat.of().toHexDigits(seed), seed);
  }

  /** What tells this universe from others; for reports. */
  String universe() {
    return universe;
  }

  /** The key of an object that a store round stores. */
  ObjectKey stored(RoundId round, int index) {
    return key(STORED, round, index);
  }

  /** A key that nothing is ever stored under. */
  ObjectKey absent(RoundId round, int index) {
    return key(ABSENT, round, index);
  }

  /** What the object of a key holds. */
  Content content(ObjectKey key) {
    return new Content(Content.mix(ByteBuffer.wrap(key.chunkHash()).getLong() + seed));
  }

  private ObjectKey key(int kind, RoundId round, int index) {
    byte[] name = universe.getBytes(StandardCharsets.UTF_8);
    ByteBuffer text = ByteBuffer.allocate(name.length + 4 * Integer.BYTES);
    text.put(name).putInt(kind).putInt(round.warmup() ? 1 : 0);
    text.putInt(round.number()).putInt(index).flip();
    MessageDigest digest = sha256();
    digest.update(text);
    return ObjectKey.of(digest.digest(), MODEL, 0);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
