// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.adapter.StorageException;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.Retry;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How failures of the file system are told. */
final class FileErrorsTest {

  private static final Path FILE = Path.of("/data/No space left on device/x");

  private static L2Error error(IOException e) {
    return FileErrors.of("write staging file for", FILE, e).error();
  }

  @ParameterizedTest
  @CsvSource({
    "No space left on device, NO_SPACE, AFTER_ROOM, ENOSPC",
    "Disk quota exceeded, NO_SPACE, AFTER_ROOM, EDQUOT",
    "Permission denied, ACCESS, NEVER, EACCES",
    "Operation not permitted, ACCESS, NEVER, EPERM",
    "Read-only file system, ACCESS, NEVER, EROFS",
    "Input/output error, IO, LATER, EIO",
    "Stale file handle, UNAVAILABLE, LATER, ESTALE",
    "Not a directory, UNAVAILABLE, LATER, ENOTDIR",
    "Is a directory, IO, NEVER, EISDIR",
    "No such device or address, UNAVAILABLE, LATER, ENXIO",
    "No such device, UNAVAILABLE, LATER, ENODEV",
    "File name too long, UNSUPPORTED_KEY, NEVER, ENAMETOOLONG",
    "File too large, TOO_LARGE, NEVER, EFBIG",
    "Too many open files, IO, LATER, EMFILE",
    "Too many open files in system, IO, LATER, ENFILE",
    "Something new, IO, LATER, ''"
  })
  void theWordsOfTheSystemTellWhatHappened(
      String words, L2ErrorCode code, Retry retry, String errno) {
    for (IOException e :
        new IOException[] {
          new IOException(words), new FileSystemException(FILE.toString(), null, words)
        }) {
      L2Error error = error(e);
      assertThat(error.code()).isEqualTo(code);
      assertThat(error.retry()).isEqualTo(retry);
      assertThat(error.nativeCode()).isEqualTo(errno);
      assertThat(error.text()).contains("write staging file for", FILE.toString(), words);
    }
  }

  @Test
  void whatJavaHasAClassForNeedsNoWords() {
    L2Error gone = error(new NoSuchFileException(FILE.toString()));
    assertThat(gone.code()).isEqualTo(L2ErrorCode.UNAVAILABLE);
    assertThat(gone.nativeCode()).isEqualTo("ENOENT");
    L2Error denied = error(new AccessDeniedException(FILE.toString()));
    assertThat(denied.code()).isEqualTo(L2ErrorCode.ACCESS);
    assertThat(denied.retry()).isEqualTo(Retry.NEVER);
    assertThat(denied.nativeCode()).isEqualTo("EACCES");
  }

  @Test
  void aPathIsNotTakenForAReason() {
    assertThat(error(new FileSystemException(FILE.toString())).code()).isEqualTo(L2ErrorCode.IO);
  }

  @Test
  void whatIsKnownStaysAsItIs() {
    StorageException known =
        new StorageException(L2Error.of(L2ErrorCode.MISALIGNED, Retry.NEVER, "no"));
    assertThat(FileErrors.of("x", FILE, known)).isSameAs(known);
  }

  @Test
  void wantOfDescriptorsSaysWhatToRaiseOrLower() {
    assertThat(error(new IOException("Too many open files")).text())
        .endsWith(
            ": Too many open files (EMFILE); raise the limit of open files (ulimit -n), or lower"
                + " num_workers");
    assertThat(error(new IOException("Too many open files in system")).text())
        .endsWith(
            " (ENFILE); raise the system's limit of open files (fs.file-max), or lower num_workers");
    assertThat(error(new IOException("Input/output error")).text()).endsWith("error (EIO)");
  }

  @Test
  void theTextIsOneLine() {
    assertThat(error(new IOException("one\n  two\n")).text()).endsWith(": one; two");
  }
}
