// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import io.lmcache.spi.ObjectKey;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * How a key becomes a file name and back.
 *
 * <p>The form is upstream's: {@code <model>@0x<kv_rank>@<object_group_id>@<hash>[@<salt>].data},
 * with each {@code /} of the model written as {@code -SEP-}. Upstream's form is not injective: a
 * model may itself hold {@code -SEP-}, or make one together with a neighbour. Here a key has a name
 * only if decoding gives the key back, and a name has a key only if encoding gives the name back,
 * so that no two keys share a file; all other keys are unsupported, all other names foreign.
 */
public final class ObjectFileNames {

  /** The ending of every object's file name. */
  public static final String EXTENSION = ".data";

  /** The longest file name that Linux file systems take, in bytes. */
  public static final int NAME_MAX = 255;

  private static final String SLASH = "-SEP-";
  private static final HexFormat HEX = HexFormat.of();

  private ObjectFileNames() {}

  /**
   * The file name of a key.
   *
   * @throws UnsupportedKeyException if the format has none
   */
  public static String encode(ObjectKey key) throws UnsupportedKeyException {
    String model = key.modelName().replace("/", SLASH);
    if (!model.replace(SLASH, "/").equals(key.modelName())) {
      throw new UnsupportedKeyException(
          "the file name would not decode to its key, because the model name holds or completes the"
              + " reserved text "
              + SLASH
              + ": "
              + key);
    }
    StringBuilder name = new StringBuilder(model.length() + 96);
    name.append(model).append("@0x").append(key.kvRankHex());
    name.append('@').append(Integer.toHexString(key.objectGroupId()));
    name.append('@').append(key.chunkHashHex());
    if (!key.cacheSalt().isEmpty()) {
      name.append('@').append(key.cacheSalt());
    }
    String result = name.append(EXTENSION).toString();
    int bytes = result.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > NAME_MAX) {
      throw new UnsupportedKeyException(
          "the file name would have " + bytes + " bytes, at most " + NAME_MAX + " fit: " + key);
    }
    return result;
  }

  /** The key of a file name, or null if the name is not ours. */
  public static @Nullable ObjectKey decode(String name) {
    if (!name.endsWith(EXTENSION)) {
      return null;
    }
    String[] fields = name.substring(0, name.length() - EXTENSION.length()).split("@", -1);
    if ((fields.length != 4 && fields.length != 5) || !fields[1].startsWith("0x")) {
      return null;
    }
    try {
      ObjectKey key =
          ObjectKey.of(
              HEX.parseHex(fields[3]),
              fields[0].replace(SLASH, "/"),
              Long.parseLong(fields[1].substring(2), 16),
              Integer.parseInt(fields[2], 16),
              fields.length == 5 ? fields[4] : "");
      return encode(key).equals(name) ? key : null;
    } catch (IllegalArgumentException | UnsupportedKeyException e) {
      return null;
    }
  }
}
