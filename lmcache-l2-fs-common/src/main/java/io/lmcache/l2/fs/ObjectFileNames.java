// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import io.lmcache.spi.ObjectKey;
import java.util.HexFormat;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * How a key becomes a file name and back.
 *
 * <p>The <em>plain name</em> is upstream's, with each {@code /} of the model written as {@code
 * -SEP-}:
 *
 * <pre>{@code <model>@0x<kv_rank>@<object_group_id>@<hash>[@<salt>].data}</pre>
 *
 * <p>Upstream's form is not injective: a model may itself hold {@code -SEP-}, or make one together
 * with a neighbour. Here a key has a name only if decoding gives the key back, and a name has a key
 * only if encoding gives the name back, so that no two keys share a file; all other keys are
 * unsupported, all other names foreign.
 *
 * <p>Two more forms: the <em>digest name</em> of a key whose plain name is too long for a file
 * system, {@code lmc-<SHA-256>.data}, which needs the key's canonical form to be read; and the
 * <em>old name</em>, which upstream wrote before there were object groups. None can be taken for
 * another: a plain name has three or four {@code @}, an old one two, a digest name none.
 *
 * <p>Names are strings here and UTF-8 on disk. Nothing is normalized: two names that look alike are
 * two names.
 */
public final class ObjectFileNames {

  /** The ending of every object's file name. */
  public static final String EXTENSION = ".data";

  /** The longest file name that Linux file systems take, in bytes. */
  public static final int NAME_MAX = 255;

  /** The longest canonical form of a key, in bytes, of which a plain name may exist. */
  public static final int MAX_PLAIN_KEY_BYTES = NAME_MAX - "0x".length() - EXTENSION.length();

  private static final String SLASH = "-SEP-";
  private static final String DIGEST_PREFIX = "lmc-";
  private static final int DIGEST_DIGITS = 64;
  private static final int DIGEST_NAME_LENGTH =
      DIGEST_PREFIX.length() + DIGEST_DIGITS + EXTENSION.length();
  private static final int RANK_DIGITS = 8;
  private static final int MOST_BYTES_PER_CHAR = 3;
  private static final HexFormat HEX = HexFormat.of();

  private ObjectFileNames() {}

  /**
   * The plain name of a key.
   *
   * @throws UnsupportedKeyException if the format has none, or it is longer than {@link #NAME_MAX}
   */
  public static String encode(ObjectKey key) throws UnsupportedKeyException {
    String name = plainName(key);
    if (!fits(name)) {
      throw tooLong(key, name, "use a shorter model name or salt");
    }
    return name;
  }

  /**
   * The plain name of a key, however long it is.
   *
   * @throws UnsupportedKeyException if the key can have no name at all, because the name would not
   *     decode to it
   */
  static String plainName(ObjectKey key) throws UnsupportedKeyException {
    StringBuilder name = new StringBuilder(key.modelName().length() + 96);
    name.append(modelField(key)).append("@0x").append(key.kvRankHex());
    name.append('@').append(Integer.toHexString(key.objectGroupId()));
    name.append('@').append(key.chunkHashHex());
    if (!key.cacheSalt().isEmpty()) {
      name.append('@').append(key.cacheSalt());
    }
    return name.append(EXTENSION).toString();
  }

  private static String modelField(ObjectKey key) throws UnsupportedKeyException {
    String model = key.modelName().replace("/", SLASH);
    if (!model.replace(SLASH, "/").equals(key.modelName())) {
      throw new UnsupportedKeyException(
          "the file name would not decode to its key, because the model name holds or completes the"
              + " reserved text "
              + SLASH
              + "; serve the model under a name without it: "
              + key);
    }
    return model;
  }

  static boolean fits(String name) {
    return name.length() * MOST_BYTES_PER_CHAR <= NAME_MAX || utf8Bytes(name) <= NAME_MAX;
  }

  /** What is thrown for a key whose plain name does not fit, with the reason or advice. */
  static UnsupportedKeyException tooLong(ObjectKey key, String name, String advice) {
    return new UnsupportedKeyException(
        "the file name would have "
            + utf8Bytes(name)
            + " bytes, at most "
            + NAME_MAX
            + " fit; "
            + advice
            + ": "
            + key);
  }

  /** Of well-formed text: what {@code getBytes} would give, without the array. */
  private static int utf8Bytes(String text) {
    int bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        bytes += 1;
      } else if (c < 0x800 || Character.isSurrogate(c)) {
        bytes += 2; // A pair of surrogates has four bytes.
      } else {
        bytes += MOST_BYTES_PER_CHAR;
      }
    }
    return bytes;
  }

  /** The same as {@link #decode(String, UnaryOperator)} with strings of its own. */
  public static @Nullable ObjectKey decode(String name) {
    return decode(name, UnaryOperator.identity());
  }

  /**
   * The key of a plain name, or null if the name is not ours.
   *
   * @param intern gives one string for all equal ones; asked for the model's name and the salt, so
   *     that a million keys need not hold a million copies of either
   */
  public static @Nullable ObjectKey decode(String name, UnaryOperator<String> intern) {
    int end = name.length() - EXTENSION.length();
    int rank = name.indexOf('@') + 1;
    int group = name.indexOf('@', rank) + 1;
    int hash = name.indexOf('@', group) + 1;
    if (rank == 0 || group == 0 || hash == 0 || !name.endsWith(EXTENSION) || !fits(name)) {
      return null;
    }
    int salt = name.indexOf('@', hash) + 1;
    if (salt == end) {
      return null; // No salt is written as no field.
    }
    return key(
        name,
        rank,
        number(name, group, hash - 1, 1, Integer.MAX_VALUE),
        hash,
        salt == 0 ? end : salt - 1,
        salt == 0 ? "" : name.substring(salt, end),
        intern);
  }

  /**
   * The key of an old name, {@code <model>@0x<kv_rank>@<hash>.data}, or null if the name is none.
   * The object group is 0 and there is no salt: an old name with a salt has four fields, which
   * upstream reads as rank, group and hash, and so does {@link #decode}.
   */
  public static @Nullable ObjectKey decodeOld(String name) {
    int end = name.length() - EXTENSION.length();
    int rank = name.indexOf('@') + 1;
    int hash = name.indexOf('@', rank) + 1;
    if (rank == 0 || hash == 0 || !name.endsWith(EXTENSION) || !fits(name)) {
      return null;
    }
    return key(name, rank, 0, hash, end, "", UnaryOperator.identity());
  }

  /** The key of checked fields; {@code rank}, {@code hash}, {@code hashEnd} are places in it. */
  private static @Nullable ObjectKey key(
      String name,
      int rank,
      long group,
      int hash,
      int hashEnd,
      String salt,
      UnaryOperator<String> intern) {
    int rankEnd = name.indexOf('@', rank);
    long kvRank =
        name.startsWith("0x", rank)
            ? number(name, rank + 2, rankEnd, RANK_DIGITS, Long.MAX_VALUE)
            : -1;
    String model = name.substring(0, rank - 1);
    // Without a slash of its own, the field is what its model encodes to.
    boolean canonical = model.indexOf('/') < 0 && isLowerCaseHex(name, hash, hashEnd);
    if (kvRank < 0 || group < 0 || !canonical) {
      return null;
    }
    try {
      return ObjectKey.of(
          HEX.parseHex(name, hash, hashEnd),
          intern.apply(model.replace(SLASH, "/")),
          kvRank,
          (int) group,
          salt.isEmpty() ? "" : intern.apply(salt));
    } catch (IllegalArgumentException e) {
      return null; // No key may have such a model or salt, nor half a byte of hash.
    }
  }

  /**
   * A number in lower-case hexadecimal with the given digits at least, and more only if the first
   * is not 0; or -1.
   */
  private static long number(String text, int from, int to, int digits, long max) {
    int length = to - from;
    boolean canonical =
        length == digits || (length > digits && length <= 16 && text.charAt(from) != '0');
    if (!canonical || !isLowerCaseHex(text, from, to)) {
      return -1;
    }
    long value = HexFormat.fromHexDigitsToLong(text, from, to);
    return value <= max ? value : -1; // One of 16 digits may come out negative, which is -1 too.
  }

  private static boolean isLowerCaseHex(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      if (!isLowerCaseHexDigit(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  static boolean isLowerCaseHexDigit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  }

  /** The digest name of a key, for one whose plain name does not fit. */
  public static String digestName(ObjectKey key) {
    return DIGEST_PREFIX + HEX.formatHex(KeyDigest.sha256(key)) + EXTENSION;
  }

  /** Whether a name has the form of a digest name. */
  public static boolean isDigestName(String name) {
    return name.length() == DIGEST_NAME_LENGTH
        && name.startsWith(DIGEST_PREFIX)
        && name.endsWith(EXTENSION)
        && isLowerCaseHex(name, DIGEST_PREFIX.length(), DIGEST_PREFIX.length() + DIGEST_DIGITS);
  }

  /**
   * The key of a digest name, or null if the name is not the one that this key is stored under.
   *
   * @param canonicalKey the key's canonical form, as found beside the name
   */
  public static @Nullable ObjectKey decodeDigest(String name, String canonicalKey) {
    if (!isDigestName(name)) {
      return null;
    }
    try {
      ObjectKey key = ObjectKey.parse(canonicalKey);
      return !fits(plainName(key)) && digestName(key).equals(name) ? key : null;
    } catch (IllegalArgumentException | UnsupportedKeyException e) {
      return null; // Not ours: no key, or one that has no name.
    }
  }
}
