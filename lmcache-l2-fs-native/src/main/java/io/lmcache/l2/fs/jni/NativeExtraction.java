// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Unpacks the library into a directory, in a way that many JVMs can do at once.
 *
 * <p>The file is named by the SHA-256 of its content, written under another name, synced and
 * renamed: it is complete or absent, the same for all who want it, never rewritten while somebody
 * has it mapped, and never deleted. The directory and the file must belong to this user alone, so
 * that nobody else can plant or change one; and what is there is read and compared before it is
 * used. A process that is killed meanwhile leaves its unfinished file, which nobody takes for one.
 */
final class NativeExtraction {

  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");

  private final Path directory;

  NativeExtraction(Path directory) {
    this.directory = directory;
  }

  /**
   * Makes sure that the directory holds the library.
   *
   * @return its file
   * @throws IOException if the directory cannot be used
   */
  Path extract(byte[] library) throws IOException {
    try {
      checkDirectory();
      Path file = directory.resolve("liblmcache_fs-" + sha256(library) + ".so");
      if (!holds(file, library)) {
        write(file, library);
        if (!holds(file, library)) {
          throw new IOException("what was written to " + file + " reads back different");
        }
      }
      return file;
    } catch (FileSystemException e) {
      // Of a rename it is the other file that is in the way.
      String file = e.getOtherFile() == null ? e.getFile() : e.getOtherFile();
      throw new IOException(file + ": " + reason(e), e);
    }
  }

  private static String reason(FileSystemException e) {
    if (e.getReason() != null) {
      return e.getReason();
    }
    return e instanceof AccessDeniedException ? "permission denied" : e.getClass().getSimpleName();
  }

  private void checkDirectory() throws IOException {
    Path parent = directory.getParent();
    if (parent != null) {
      Files.createDirectories(parent, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    }
    if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      try {
        Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
      } catch (FileSystemException e) {
        // Another JVM may have been faster; what counts is what is there now.
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
          throw e;
        }
      }
    }
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException("is not a directory (links are not followed)");
    }
    String others = others(directory);
    if (others != null) {
      throw new IOException(others);
    }
  }

  /** How others than this user may change what is there; null if they cannot. */
  private static @Nullable String others(Path path) throws IOException {
    int owner = (Integer) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    int self = processUid();
    if (owner != self) {
      return "belongs to user " + owner + ", not to " + self;
    }
    return OWNER_ONLY.containsAll(Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS))
        ? null
        : "is open to others; chmod 700 it";
  }

  /** The number of the user that this process runs as, who may have no name. */
  static int processUid() throws IOException {
    return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
  }

  private static boolean holds(Path file, byte[] library) throws IOException {
    try {
      return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
          && others(file) == null
          && Files.size(file) == library.length
          && Arrays.equals(Files.readAllBytes(file), library);
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private void write(Path file, byte[] library) throws IOException {
    Path unfinished = directory.resolve("unpacking-" + UUID.randomUUID() + ".tmp");
    try {
      try (FileChannel out =
          FileChannel.open(
              unfinished,
              Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(OWNER_ONLY))) {
        ByteBuffer bytes = ByteBuffer.wrap(library);
        while (bytes.hasRemaining()) {
          out.write(bytes);
        }
        out.force(true);
      }
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }
}
