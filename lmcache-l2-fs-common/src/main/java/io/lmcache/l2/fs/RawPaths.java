// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a path, whatever the locale.
 *
 * <p>On Linux a file name is bytes, and ours are UTF-8. A path's text, though, was decoded with the
 * charset of the locale, which in a bare container is ASCII: every other letter is lost there. The
 * path still holds the bytes, and its URI spells them out.
 */
public final class RawPaths {

  private RawPaths() {}

  /** The bytes of the absolute path, as the system sees it; without a slash at the end. */
  public static byte[] bytes(Path path) {
    String raw = path.toAbsolutePath().toUri().getRawPath();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(raw.length());
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (c == '%') {
        bytes.write(Integer.parseInt(raw, i + 1, i + 3, 16));
        i += 2;
      } else {
        bytes.write(c);
      }
    }
    // A URI ends in a slash if there is a directory at the moment.
    byte[] all = bytes.toByteArray();
    boolean slash = all.length > 1 && all[all.length - 1] == '/';
    return slash ? Arrays.copyOf(all, all.length - 1) : all;
  }

  /** The last name of the path read as UTF-8, or null if it is not UTF-8. */
  public static @Nullable String utf8Name(Path path) {
    Path last = path.getFileName();
    if (last == null) {
      return null;
    }
    String text = last.toString();
    if (isPlain(text)) {
      return text;
    }
    byte[] all = bytes(path);
    int start = all.length;
    while (start > 0 && all[start - 1] != '/') {
      start--;
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(all, start, all.length - start))
          .toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  /**
   * Whether decoding cannot have gone wrong: ASCII only, and no '?', which may stand for a loss.
   */
  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 0x80 || c == '?') {
        return false;
      }
    }
    return true;
  }
}
