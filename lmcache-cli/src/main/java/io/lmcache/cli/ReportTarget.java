// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a report goes: standard output, or a file that appears whole or not at all. It is checked
 * before the work, so that an hour's run does not end at a wrong path.
 */
public final class ReportTarget {

  private final @Nullable Path file;

  private ReportTarget(@Nullable Path file) {
    this.file = file;
  }

  /**
   * A target.
   *
   * @param output the file; null for standard output
   * @throws UsageException if no file can be made there
   */
  public static ReportTarget of(@Nullable Path output) {
    if (output != null) {
      problemWith(output)
          .ifPresent(
              problem -> {
                throw new UsageException("--output " + output + ": " + problem);
              });
    }
    return new ReportTarget(output);
  }

  private static Optional<String> problemWith(Path output) {
    if (output.toString().isEmpty()) {
      return Optional.of("is empty; name a file");
    }
    Path directory = directoryOf(output);
    if (Files.isDirectory(output)) {
      return Optional.of("is a directory");
    }
    if (!Files.isDirectory(directory)) {
      return Optional.of("there is no directory " + directory);
    }
    return Files.isWritable(directory)
        ? Optional.empty()
        : Optional.of("the directory " + directory + " is not writable");
  }

  private static Path directoryOf(Path output) {
    Path parent = output.toAbsolutePath().getParent();
    return parent == null ? output.toAbsolutePath() : parent;
  }

  /** Writes the report. */
  public void write(String report, PrintWriter out) throws IOException {
    if (file == null) {
      out.print(report);
      out.flush();
      return;
    }
    try {
      writeFile(file, report);
    } catch (IOException e) {
      // The work is done; its figures must not be lost because of the file.
      out.print(report);
      out.flush();
      throw new IOException(
          "cannot write --output " + file + ", so the report is on standard output: " + e, e);
    }
  }

  private static void writeFile(Path file, String report) throws IOException {
    boolean regular = Files.isRegularFile(file);
    if (!regular && (Files.exists(file) || Files.isSymbolicLink(file))) {
      // A device or a pipe must not be replaced by a file, nor a link that leads nowhere yet.
      Files.writeString(file, report);
      return;
    }
    Path target = regular ? file.toRealPath() : file;
    Path staging =
        directoryOf(target).resolve(".lmcache-report-" + ProcessHandle.current().pid() + ".tmp");
    try {
      Files.writeString(staging, report);
      if (regular && Files.getFileStore(target).supportsFileAttributeView("posix")) {
        Files.setPosixFilePermissions(staging, Files.getPosixFilePermissions(target));
      }
      Files.move(staging, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(staging);
    }
  }
}
