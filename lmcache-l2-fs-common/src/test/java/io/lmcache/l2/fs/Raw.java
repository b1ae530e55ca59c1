// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;

/** Paths and files with names of any bytes, made without the locale's charset. */
final class Raw {

  private Raw() {}

  /** The path of a name in a directory that exists. */
  static Path path(Path directory, byte[] name) {
    StringBuilder uri = new StringBuilder(directory.toUri().toString());
    for (byte b : name) {
      uri.append('%').append(HexFormat.of().toHexDigits(b));
    }
    return Path.of(URI.create(uri.toString()));
  }

  /** The same for a name in UTF-8. */
  static Path path(Path directory, String name) {
    return path(directory, name.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes so many bytes under the key's name. */
  static Path put(Path directory, ObjectKey key, int size)
      throws IOException, UnsupportedKeyException {
    return Files.write(path(directory, ObjectFileNames.encode(key)), new byte[size]);
  }

  /** A key of one byte. */
  static ObjectKey key(String model, int n) {
    return ObjectKey.of(new byte[] {(byte) (n >> 8), (byte) n}, model, 0x01000100L);
  }
}
