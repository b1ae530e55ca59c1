// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** What the drills have in common: room to run in, and a place where they say what they did. */
final class Drill {

  private Drill() {}

  /** So that a drill does not fill the disk of others. */
  static void needsDisk(Path dir, long bytes) throws IOException {
    assertThat(Files.getFileStore(dir).getUsableSpace())
        .as("free bytes where %s is", dir)
        .isGreaterThan(2 * bytes);
  }

  /** Appends a line to {@code target/drills.txt}, and prints it. */
  static void report(String line) throws IOException {
    System.out.println(line);
    Path target = Files.createDirectories(Path.of("target"));
    Files.writeString(
        target.resolve("drills.txt"),
        line + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }
}
