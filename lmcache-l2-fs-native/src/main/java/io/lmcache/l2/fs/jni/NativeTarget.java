// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import java.util.Locale;

/**
 * Which build of the library a machine needs; pure, so that every machine can be tested on any.
 *
 * @param name {@code linux-x86_64}, {@code linux-aarch64}
 */
record NativeTarget(String name) {

  /** The target of an operating system and architecture, as Java's properties name them. */
  static NativeTarget of(String osName, String osArch) {
    String os = osName.toLowerCase(Locale.ROOT).replace(' ', '_');
    String arch =
        switch (osArch.toLowerCase(Locale.ROOT)) {
          case "amd64", "x86_64", "x64" -> "x86_64";
          case "aarch64", "arm64" -> "aarch64";
          default -> osArch.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]", "_");
        };
    return new NativeTarget(os + "-" + arch);
  }

  /** This machine's target. */
  static NativeTarget current() {
    return of(System.getProperty("os.name"), System.getProperty("os.arch"));
  }

  /** Where a jar keeps the library for it. */
  String resource() {
    return "META-INF/lmcache/native/" + name + "/liblmcache_fs.so";
  }
}
