// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core;

import io.lmcache.core.config.Text;
import java.net.URI;
import java.net.URL;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;

/**
 * Where a class or descriptor comes from.
 *
 * @param full the path of the jar or directory, or its URL if it is no file; empty if unknown
 */
record Origin(String full) {

  static final Origin UNKNOWN = new Origin("");

  static Origin of(Class<?> type) {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    return source == null || source.getLocation() == null
        ? UNKNOWN
        : ofUrl(source.getLocation().toString());
  }

  /** The jar or directory that a resource is in. */
  static Origin ofResource(URL url, String resource) {
    String text = url.toString();
    return ofUrl(
        text.endsWith(resource) ? text.substring(0, text.length() - resource.length()) : text);
  }

  private static Origin ofUrl(String url) {
    String text = url;
    while (text.endsWith("!/")) {
      text = text.substring(0, text.length() - 2);
    }
    if (text.startsWith("jar:") && !text.contains("!/")) {
      text = text.substring("jar:".length());
    }
    if (!text.startsWith("file:")) {
      return new Origin(text);
    }
    try {
      return new Origin(Path.of(URI.create(text)).toString());
    } catch (IllegalArgumentException | FileSystemNotFoundException e) {
      // A path with characters that a URI cannot have; some class loaders do not escape them.
      return new Origin(text.substring("file:".length()));
    }
  }

  /** The jar's file name; a directory's path. */
  String label() {
    if (full.startsWith("/") && Files.isDirectory(Path.of(full))) {
      return shown();
    }
    return Text.oneLine(full.substring(full.lastIndexOf('/') + 1), 200);
  }

  /** The path, fit for a message. */
  String shown() {
    return full.isEmpty() ? "an unknown place" : Text.oneLine(full, 400);
  }
}
