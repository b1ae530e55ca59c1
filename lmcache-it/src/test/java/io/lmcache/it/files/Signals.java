// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Stops children amid what they do, and lets them go on. */
final class Signals {

  private Signals() {}

  /** Returns once no thread of it runs. One that is dead has none. */
  static void stop(Process process) throws IOException {
    send("STOP", process);
    FileAdapter.await("all threads stopped", () -> !process.isAlive() || isStopped(process.pid()));
  }

  static void resume(Process process) throws IOException {
    send("CONT", process);
  }

  private static boolean isStopped(long pid) {
    try (Stream<Path> tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
      return tasks.allMatch(Signals::isStopped);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isStopped(Path task) {
    try {
      String stat = Files.readString(task.resolve("stat"), StandardCharsets.UTF_8);
      return stat.charAt(stat.lastIndexOf(')') + 2) == 'T';
    } catch (IOException e) {
      return false; // The thread has just ended; the next look does not meet it.
    }
  }

  private static void send(String name, Process process) throws IOException {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
    try {
      int exit = kill.waitFor();
      if (exit != 0) {
        throw new IOException("kill -" + name + " ended with " + exit);
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }
}
