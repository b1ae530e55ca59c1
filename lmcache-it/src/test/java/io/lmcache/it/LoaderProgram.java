// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it;

import io.lmcache.spi.L2AdapterFactory;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Stream;

/**
 * Says that it is ready, waits for a byte or the end of its input, has the native library loaded,
 * and says from which file the kernel runs code then, or why from none. With the argument {@code
 * code} it also says what code that is, and stays until its input ends. Needs no test library.
 */
final class LoaderProgram {

  private LoaderProgram() {}

  @SuppressWarnings("SystemOut")
  public static void main(String[] args) throws Exception {
    L2AdapterFactory factory = factory();
    System.out.println("ready");
    System.out.flush();
    int unused = System.in.read();
    String failure = factory.unavailability().orElse("");
    if (!failure.isEmpty()) {
      System.out.println("unavailable " + failure);
      return;
    }
    List<Mapping> mappings = mappings();
    System.out.println(
        "loaded " + String.join(" and ", mappings.stream().map(Mapping::file).toList()));
    if (List.of(args).contains("code")) {
      System.out.println(mappings.get(0).code());
      System.out.flush();
      while (System.in.read() >= 0) {
        // Until the end.
      }
    }
  }

  private static L2AdapterFactory factory() {
    for (L2AdapterFactory factory : ServiceLoader.load(L2AdapterFactory.class)) {
      if (factory.type().equals("fs_native")) {
        return factory;
      }
    }
    throw new IllegalStateException("no fs_native on the class path");
  }

  /** A part of a file that the kernel runs code from. */
  private record Mapping(long start, long end, long offset, String file) {

    /** From {@code 7f00-7f10 r-xp 00001000 08:01 42 /a file}. */
    static Mapping of(String line) {
      String[] words = line.split(" +", 6);
      String[] range = words[0].split("-", 2);
      return new Mapping(
          Long.parseLong(range[0], 16),
          Long.parseLong(range[1], 16),
          Long.parseLong(words[2], 16),
          // Whoever renames the same content over it makes the kernel say so; it is the file all
          // the same.
          words[5].replace(" (deleted)", ""));
    }

    /** Which part of the file it is, and a digest of the bytes in memory. */
    String code() throws Exception {
      byte[] bytes = new byte[Math.toIntExact(end - start)];
      try (RandomAccessFile memory = new RandomAccessFile("/proc/self/mem", "r")) {
        memory.seek(start);
        memory.readFully(bytes);
      }
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      return "at %d length %d sha256 %s"
          .formatted(offset, bytes.length, HexFormat.of().formatHex(digest));
    }
  }

  private static List<Mapping> mappings() throws IOException {
    try (Stream<String> lines =
        Files.lines(Path.of("/proc/self/maps"), StandardCharsets.ISO_8859_1)) {
      return lines
          .filter(line -> line.contains(" r-xp ") && line.contains("/liblmcache_fs"))
          .map(Mapping::of)
          .toList();
    }
  }
}
