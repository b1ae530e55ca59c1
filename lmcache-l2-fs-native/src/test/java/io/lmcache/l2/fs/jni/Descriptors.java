// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The descriptors of this process, as the kernel tells them. */
final class Descriptors {

  private static final long CLOSE_ON_EXEC = 02000000;

  private Descriptors() {}

  /** What the descriptors are open on, by number; not those by which this is found out. */
  static Map<Integer, String> open() throws IOException {
    Map<Integer, String> open = new TreeMap<>();
    try (Stream<Path> numbers = Files.list(Path.of("/proc/self/fd"))) {
      for (Path number : numbers.toList()) {
        String target = target(number);
        if (!target.startsWith("/proc/")) {
          open.put(Integer.parseInt(number.getFileName().toString()), target);
        }
      }
    }
    return open;
  }

  private static String target(Path number) throws IOException {
    try {
      return Files.readSymbolicLink(number).toString();
    } catch (NoSuchFileException e) {
      return "/proc/ and closed meanwhile";
    }
  }

  /** Those whose target begins so, or is an eventfd. */
  static List<Integer> of(Path directory) throws IOException {
    List<Integer> found = new ArrayList<>();
    open()
        .forEach(
            (number, target) -> {
              if (target.startsWith(directory.toString()) || target.contains("[eventfd]")) {
                found.add(number);
              }
            });
    return found;
  }

  /** Whether a program that this process starts does not get the descriptor. */
  static boolean closesOnExec(int number) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/fdinfo/" + number))) {
      if (line.startsWith("flags:")) {
        return (Long.parseLong(line.substring(6).strip(), 8) & CLOSE_ON_EXEC) != 0;
      }
    }
    throw new IOException("no flags of descriptor " + number);
  }
}
