// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.doctor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Java that runs this, and what it runs on.
 *
 * @param version its full version
 * @param vendor who built it
 * @param home where it is
 * @param os the operating system and its version
 * @param arch the processor
 * @param libc glibc or musl; empty if that cannot be told
 * @param nativeAccess whether it is enabled to load libraries; if not, Java warns or refuses. Empty
 *     before Java 24, which asks nobody
 */
record JavaFacts(
    String version,
    String vendor,
    String home,
    String os,
    String arch,
    Optional<String> libc,
    Optional<Boolean> nativeAccess) {

  private static final Logger log = LoggerFactory.getLogger(JavaFacts.class);
  private static final int FIRST_JAVA_THAT_GUARDS_JNI = 24;

  /** Of this process. To be asked before a library is loaded: the first load may change it. */
  static JavaFacts real() {
    return new JavaFacts(
        Runtime.version().toString(),
        System.getProperty("java.vendor"),
        System.getProperty("java.home"),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        System.getProperty("os.arch"),
        libc(Path.of("/proc/self/maps")),
        askedNativeAccess());
  }

  /** What the process has mapped tells them apart; the name of the system does not. */
  static Optional<String> libc(Path maps) {
    if (!Files.isReadable(maps)) {
      return Optional.empty();
    }
    String mapped;
    try {
      mapped = Files.readString(maps, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      log.debug("cannot tell the libc", e);
      return Optional.empty();
    }
    if (mapped.contains("/ld-musl-")) {
      return Optional.of("musl");
    }
    return mapped.contains("/libc.so.6") ? Optional.of("glibc") : Optional.empty();
  }

  private static Optional<Boolean> askedNativeAccess() {
    if (Runtime.version().feature() < FIRST_JAVA_THAT_GUARDS_JNI) {
      return Optional.empty();
    }
    try {
      // Java 17, which this is built for, does not have the method.
      Object answer =
          Module.class.getMethod("isNativeAccessEnabled").invoke(JavaFacts.class.getModule());
      return Optional.of(Boolean.TRUE.equals(answer));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Java has it from 22 on", e);
    }
  }
}
