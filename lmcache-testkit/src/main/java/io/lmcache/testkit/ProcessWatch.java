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
 * opens and starts its own at any time, so this looks at which they are and not at how many.
 *
 * <p>On other systems it sees nothing; Java's threads are still checked by the context that made
 * them.
 */
final class ProcessWatch {

  private static final Path TASKS = Path.of("/proc/self/task");
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

  /**
   * How the kernel calls the threads that the JVM starts when it likes to, whatever an adapter
   * does. The kernel keeps 15 characters of a name. A thread without a name is called as the one
   * that started it, so "java" must not be here: native threads of an adapter often have none.
   */
  private static final List<String> OF_THE_JVM =
      List.of(
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
          "surefire",
          // The JDK starts it for the first time limit of a stage, and it stays.
          "CompletableFutu",
          "CompletableDela");

  /** How threads of this kit are called. */
  private static final String OF_THE_KIT = "lmc-test-";

  /** So often at most is looked for threads, until two looks in a row see the same. */
  private static final int LOOKS = 10;

  private ProcessWatch() {}

  /** Thread ids and names, but for those of the JVM and of this kit. */
  static Map<String, String> threads() {
    Map<String, String> threads = threadsAndTheKits();
    threads.values().removeIf(name -> name.startsWith(OF_THE_KIT));
    return threads;
  }

  /**
   * Thread ids and names, but for those of the JVM, which are here only for the moment until they
   * have named themselves. A look may miss some threads while others end, so this is what several
   * looks have seen, until two see the same.
   */
  static Map<String, String> threadsAndTheKits() {
    Map<String, String> last = look();
    Map<String, String> all = new HashMap<>(last);
    for (int i = 1; i < LOOKS; i++) {
      Map<String, String> now = look();
      all.putAll(now);
      if (now.equals(last)) {
        break;
      }
      last = now;
    }
    all.values().removeIf(name -> OF_THE_JVM.stream().anyMatch(name::startsWith));
    return all;
  }

  private static Map<String, String> look() {
    Map<String, String> threads = new HashMap<>();
    for (Path task : entries(TASKS)) {
      String name = read(task.resolve("comm"));
      if (!name.isEmpty()) {
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
