// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** What the kernel says of this process. Needs no test library: children have none. */
final class OwnProcess {

  private static final Path SELF = Path.of("/proc/self");

  private OwnProcess() {}

  /** What the open descriptors are open on, sorted; not those by which this is found out. */
  static List<String> descriptors() {
    return of(
        "fd",
        descriptor -> {
          String target = Files.readSymbolicLink(descriptor).toString();
          return target.startsWith("/proc/") ? "" : target;
        });
  }

  /** The names of the threads that the kernel runs, sorted. */
  static List<String> threads() {
    return of("task", task -> read(task.resolve("comm")));
  }

  /** What adapters on a directory have open and run: files of theirs, eventfds and threads. */
  static List<String> ofAdapters(Path base) {
    List<String> found = new ArrayList<>(descriptors());
    found.removeIf(target -> !target.startsWith(base + "/") && !target.contains("[eventfd]"));
    threads().stream().filter(name -> name.startsWith("lmc-")).forEach(found::add);
    return found;
  }

  /** The threads of a name, and of it with a number, that wait in the kernel for a device. */
  static long threadsThatWaitForADevice(String name) {
    return of(
            "task",
            task ->
                read(task.resolve("comm")).startsWith(name)
                        && read(task.resolve("stat")).contains(") D ")
                    ? "waits"
                    : "")
        .size();
  }

  /** How much of its memory is there, in KiB. */
  static long residentKib() throws IOException {
    String status = Files.readString(SELF.resolve("status"));
    return Long.parseLong(status.replaceAll("(?s).*VmRSS:\\s+([0-9]+) kB.*", "$1"));
  }

  /** Waits for something; the limit only detects a hang, and says what is there instead. */
  static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new IllegalStateException(
            "hangs: %s; there are %s %s".formatted(what, descriptors(), threads()));
      }
      Thread.onSpinWait();
    }
  }

  private interface Reader {
    String read(Path path) throws IOException;
  }

  private static String read(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8).strip();
  }

  private static List<String> of(String directory, Reader reader) {
    List<String> found = new ArrayList<>();
    try (Stream<Path> entries = Files.list(SELF.resolve(directory))) {
      for (Path entry : entries.toList()) {
        String what = readIfThere(reader, entry);
        if (!what.isEmpty()) {
          found.add(what);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    found.sort(null);
    return found;
  }

  /** What has gone since it was listed is not there. */
  private static String readIfThere(Reader reader, Path entry) throws IOException {
    try {
      return reader.read(entry);
    } catch (NoSuchFileException e) {
      return "";
    } catch (IOException e) {
      if (String.valueOf(e.getMessage()).contains("No such process")) {
        return "";
      }
      throw e;
    }
  }
}
