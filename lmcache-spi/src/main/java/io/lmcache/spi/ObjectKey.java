// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;

/**
 * The name of one object in the cache: a chunk of tokens, as one rank of one model sees it.
 *
 * <p>A key names its content: two objects stored under equal keys are taken to hold the same bytes.
 * Fields, validation and the {@linkplain #toString() string form} are those of upstream LMCache;
 * beyond upstream, text that could not survive a round trip through UTF-8 or a terminal (an
 * unpaired surrogate, a control character) and a negative rank are refused.
 *
 * <p>Immutable and safe for use by many threads. The hash code is computed once.
 */
public final class ObjectKey {

  /** The longest {@linkplain #toString() string form}, in bytes of UTF-8. */
  public static final int MAX_CANONICAL_BYTES = 2048;

  /** The longest cache salt, in characters (Unicode code points). */
  public static final int MAX_SALT_CHARACTERS = 128;

  private static final HexFormat HEX = HexFormat.of();

  private final byte[] chunkHash;
  private final String modelName;
  private final long kvRank;
  private final int objectGroupId;
  private final String cacheSalt;
  private final int hashCode;

  private ObjectKey(
      byte[] chunkHash, String modelName, long kvRank, int objectGroupId, String cacheSalt) {
    this.chunkHash = chunkHash;
    this.modelName = modelName;
    this.kvRank = kvRank;
    this.objectGroupId = objectGroupId;
    this.cacheSalt = cacheSalt;
    int hash = Arrays.hashCode(chunkHash);
    hash = 31 * hash + modelName.hashCode();
    hash = 31 * hash + Long.hashCode(kvRank);
    hash = 31 * hash + objectGroupId;
    this.hashCode = 31 * hash + cacheSalt.hashCode();
  }

  /** A key of object group 0 without a salt. */
  public static ObjectKey of(byte[] chunkHash, String modelName, long kvRank) {
    return of(chunkHash, modelName, kvRank, 0, "");
  }

  /**
   * A key.
   *
   * @param chunkHash the hash of the token prefix up to and including this chunk; any length,
   *     copied
   * @param modelName the model's name; may hold {@code /} but not {@code @}
   * @param kvRank the packed rank of the worker, as upstream's {@code ComputeKVRank} makes it; not
   *     negative, may exceed 32 bits
   * @param objectGroupId the object group, not negative
   * @param cacheSalt separates the caches of tenants; empty for none; at most {@value
   *     #MAX_SALT_CHARACTERS} characters, none of them {@code @}, {@code /} or {@code \}
   * @throws IllegalArgumentException if a rule is broken; the message names the field
   */
  public static ObjectKey of(
      byte[] chunkHash, String modelName, long kvRank, int objectGroupId, String cacheSalt) {
    checkText("model_name", modelName, "@");
    if (kvRank < 0) {
      throw new IllegalArgumentException("kv_rank must be >= 0, got " + kvRank);
    }
    if (objectGroupId < 0) {
      throw new IllegalArgumentException("object_group_id must be >= 0, got " + objectGroupId);
    }
    checkText("cache_salt", cacheSalt, "@/\\");
    if (cacheSalt.codePointCount(0, cacheSalt.length()) > MAX_SALT_CHARACTERS) {
      throw new IllegalArgumentException(
          "cache_salt exceeds max length " + MAX_SALT_CHARACTERS + " characters");
    }
    ObjectKey key = new ObjectKey(chunkHash.clone(), modelName, kvRank, objectGroupId, cacheSalt);
    int bytes = key.canonicalBytes();
    if (bytes > MAX_CANONICAL_BYTES) {
      throw new IllegalArgumentException(
          "the key's string form has "
              + bytes
              + " bytes, at most "
              + MAX_CANONICAL_BYTES
              + " are allowed");
    }
    return key;
  }

  /**
   * Reads the {@linkplain #toString() string form}. Only the canonical spelling is accepted: {@code
   * parse(text).toString().equals(text)}.
   *
   * @throws IllegalArgumentException if the text is anything else
   */
  public static ObjectKey parse(String text) {
    String[] fields = text.split("@", -1);
    if (fields.length != 4 && fields.length != 5) {
      throw new IllegalArgumentException(
          "a key has 4 or 5 fields separated by '@', got " + fields.length);
    }
    ObjectKey key;
    try {
      key =
          of(
              HEX.parseHex(fields[3]),
              fields[0],
              Long.parseLong(fields[1], 16),
              Integer.parseInt(fields[2], 16),
              fields.length == 5 ? fields[4] : "");
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "kv_rank and object_group_id must be hexadecimal: " + e.getMessage(), e);
    }
    if (!key.toString().equals(text)) {
      throw new IllegalArgumentException("not the canonical form; that is " + key);
    }
    return key;
  }

  private static void checkText(String field, String text, String forbidden) {
    Objects.requireNonNull(text, field);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (forbidden.indexOf(c) >= 0) {
        throw new IllegalArgumentException(field + " must not contain '" + c + "'");
      }
      if (Character.isISOControl(c)) {
        throw new IllegalArgumentException(
            field + String.format(" must not contain the control character U+%04X", (int) c));
      }
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        throw new IllegalArgumentException(field + " must not contain an unpaired surrogate");
      }
    }
  }

  private int canonicalBytes() {
    return toString().getBytes(StandardCharsets.UTF_8).length;
  }

  /** A copy of the chunk hash. */
  public byte[] chunkHash() {
    return chunkHash.clone();
  }

  /** The chunk hash in lower-case hexadecimal. */
  public String chunkHashHex() {
    return HEX.formatHex(chunkHash);
  }

  /** The model's name. */
  public String modelName() {
    return modelName;
  }

  /** The packed rank. */
  public long kvRank() {
    return kvRank;
  }

  /** The rank in lower-case hexadecimal, at least eight digits. */
  public String kvRankHex() {
    String digits = Long.toHexString(kvRank);
    return digits.length() >= 8 ? digits : "0".repeat(8 - digits.length()) + digits;
  }

  /** The object group. */
  public int objectGroupId() {
    return objectGroupId;
  }

  /** The salt, empty for none. */
  public String cacheSalt() {
    return cacheSalt;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ObjectKey that
        && hashCode == that.hashCode
        && kvRank == that.kvRank
        && objectGroupId == that.objectGroupId
        && Arrays.equals(chunkHash, that.chunkHash)
        && modelName.equals(that.modelName)
        && cacheSalt.equals(that.cacheSalt);
  }

  @Override
  public int hashCode() {
    return hashCode;
  }

  /**
   * The canonical string form, upstream's wire form: {@code model@kv_rank@object_group_id@hash},
   * then {@code @salt} if there is one; numbers and hash in lower-case hexadecimal, the rank padded
   * to eight digits.
   */
  @Override
  public String toString() {
    String text =
        modelName
            + '@'
            + kvRankHex()
            + '@'
            + Integer.toHexString(objectGroupId)
            + '@'
            + chunkHashHex();
    return cacheSalt.isEmpty() ? text : text + '@' + cacheSalt;
  }
}
