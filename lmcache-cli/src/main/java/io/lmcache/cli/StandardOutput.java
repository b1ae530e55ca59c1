// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Standard output that knows why it failed. A {@link PrintWriter} alone forgets that, but a reader
 * that has seen enough ({@code | head -1}) is no failure of ours, and a full disk is.
 */
final class StandardOutput extends OutputStream {

  private final OutputStream target;
  private final PrintWriter writer;
  private @Nullable IOException failure;

  StandardOutput(OutputStream target) {
    this.target = target;
    this.writer =
        new PrintWriter(
            new OutputStreamWriter(new BufferedOutputStream(this), StandardCharsets.UTF_8));
  }

  static StandardOutput ofProcess() {
    return new StandardOutput(new FileOutputStream(FileDescriptor.out));
  }

  /** Where results go. */
  PrintWriter writer() {
    return writer;
  }

  /** Writes what is left, and tells what went wrong, unless the reader just left. */
  Optional<String> finish() {
    writer.flush();
    return Optional.ofNullable(failure)
        .map(e -> String.valueOf(e.getMessage()))
        .filter(message -> !message.contains("Broken pipe"));
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    try {
      target.write(bytes, offset, length);
    } catch (IOException e) {
      failure = failure == null ? e : failure;
      throw e;
    }
  }

  @Override
  public void flush() throws IOException {
    target.flush();
  }
}
