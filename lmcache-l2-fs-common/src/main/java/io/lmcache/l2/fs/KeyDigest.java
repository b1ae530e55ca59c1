// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import io.lmcache.spi.ObjectKey;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** The first half of the SHA-256 of a key's canonical form: what binds a file to its key. */
public final class KeyDigest {

  /** Its length. */
  public static final int BYTES = 16;

  private KeyDigest() {}

  /** The digest of a key. */
  public static byte[] of(ObjectKey key) {
    return Arrays.copyOf(sha256(key), BYTES);
  }

  static byte[] sha256(ObjectKey key) {
    try {
      return MessageDigest.getInstance("SHA-256")
          .digest(key.toString().getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
