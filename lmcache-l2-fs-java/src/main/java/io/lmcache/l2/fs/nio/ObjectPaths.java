// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import io.lmcache.l2.fs.ObjectName;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;

/**
 * Makes a path of an object's name. The name is UTF-8 to the system, whatever the locale; a path
 * made from text would have the locale's charset, and in a bare container not even that.
 *
 * <p>Immutable; safe for use by many threads; does no I/O.
 */
final class ObjectPaths {

  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private final Path base;
  private final String baseUri;

  ObjectPaths(Path base) {
    this.base = base;
    String uri = base.toUri().toString();
    this.baseUri = uri.endsWith("/") ? uri : uri + "/";
  }

  Path of(ObjectName name) {
    String relative = name.path();
    return relative.chars().allMatch(c -> c < 0x80)
        ? base.resolve(relative)
        : Path.of(URI.create(baseUri + escaped(relative)));
  }

  /** A URI spells out bytes, which the file system takes as they are. */
  private static String escaped(String relative) {
    StringBuilder uri = new StringBuilder(3 * relative.length());
    for (byte b : relative.getBytes(StandardCharsets.UTF_8)) {
      if (b == '/' || b == '.' || Character.isLetterOrDigit(b)) {
        uri.append((char) b);
      } else {
        uri.append('%').append(HEX.toHexDigits(b));
      }
    }
    return uri.toString();
  }
}
