// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it;

import io.lmcache.spi.L2AdapterFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Says that it is ready, waits for a byte or the end of its input, has the native library loaded,
 * and says from which file the kernel runs code then, or why from none. Needs no test library.
 */
final class LoaderProgram {

  private LoaderProgram() {}

  @SuppressWarnings("SystemOut")
  public static void main(String[] args) throws Exception {
    System.out.println("ready");
    System.out.flush();
    int unused = System.in.read();
    for (L2AdapterFactory factory : ServiceLoader.load(L2AdapterFactory.class)) {
      if (factory.type().equals("fs_native")) {
        String failure = factory.unavailability().orElse("");
        System.out.println(failure.isEmpty() ? "loaded " + mapped() : "unavailable " + failure);
      }
    }
  }

  private static String mapped() throws IOException {
    // Whoever renames the same content over it makes the kernel say so; it is the file all the
    // same.
    try (Stream<String> lines =
        Files.lines(Path.of("/proc/self/maps"), StandardCharsets.ISO_8859_1)) {
      return lines
          .filter(line -> line.contains(" r-xp ") && line.contains("/liblmcache_fs"))
          .map(line -> line.substring(line.indexOf('/')).replace(" (deleted)", ""))
          .distinct()
          .collect(Collectors.joining(" and "));
    }
  }
}
