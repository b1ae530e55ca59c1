// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The threads and descriptors of this process as Linux sees them, native ones included. The JVM
 * opens and starts its own at any time, so this looks at what they are and not at how many.
 *
 * <p>On other systems it sees nothing; Java's threads are still checked by the context that made
 * them.
 */
final class ProcessWatch {

  private static final Path TASKS = Path.of("/proc/self/task");
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

  /** How the kernel calls threads that are the JVM's own, or this kit's: 15 characters at most. */
  private static final List<String> OTHERS =
      List.of(
          "java",
          "GC Thread#",
          "G1 ",
          "VM ",
          "C1 Compiler",
          "C2 Compiler",
          "Sweeper",
          "Reference Handl",
          "Finalizer",
          "Signal Dispatch",
          "Service Thread",
          "Monitor Deflati",
          "Notification Th",
          "Common-Cleaner",
          "Cleaner-",
          "Attach Listener",
          "process reaper",
          "CompletableFutu",
          "CompletableDela",
          "ForkJoinPool",
          "surefire",
          "lmc-test-");

  private ProcessWatch() {}

  /** Thread ids and names that are neither the JVM's nor this kit's. */
  static Map<String, String> threads() {
    Map<String, String> threads = new HashMap<>();
    for (Path task : entries(TASKS)) {
      String name = read(task.resolve("comm"));
      if (!name.isEmpty() && OTHERS.stream().noneMatch(name::startsWith)) {
        threads.put(task.getFileName().toString(), name);
      }
    }
    return threads;
  }

  /** Descriptors that are eventfds or lead into one of the directories, with what they are. */
  static Map<String, String> descriptors(List<Path> directories) {
    Map<String, String> descriptors = new HashMap<>();
    for (Path link : entries(DESCRIPTORS)) {
      String target = target(link);
      boolean inside =
          directories.stream()
              .anyMatch(d -> target.equals(d.toString()) || target.startsWith(d + "/"));
      if (inside || target.contains("[eventfd]")) {
        descriptors.put(link.getFileName().toString(), target);
      }
    }
    return descriptors;
  }

  /** What is in {@code now} and was not in {@code before}, each as one line. */
  static List<String> added(String what, Map<String, String> before, Map<String, String> now) {
    List<String> added = new ArrayList<>();
    now.forEach(
        (id, name) -> {
          if (!name.equals(before.get(id))) {
            added.add(what + " " + id + " \"" + name + "\"");
          }
        });
    return added;
  }

  private static List<Path> entries(Path directory) {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      stream.forEach(entries::add);
    } catch (IOException e) {
      // Not Linux.
      return List.of();
    }
    return entries;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      // The thread has ended meanwhile.
      return "";
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      // The descriptor was closed meanwhile.
      return "";
    }
  }
}
