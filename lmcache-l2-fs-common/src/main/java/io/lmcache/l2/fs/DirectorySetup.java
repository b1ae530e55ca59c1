// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the directories that an adapter needs, and proves that it can work there. */
final class DirectorySetup {

  private static final Logger LOG = LoggerFactory.getLogger(DirectorySetup.class);

  private DirectorySetup() {}

  /**
   * Where {@code relative_tmp_dir} leads.
   *
   * @throws IOException if files cannot be staged there, whatever is there
   */
  static Path staging(Path base, String relative) throws IOException {
    Path staging = base.resolve(relative).normalize();
    if (!staging.startsWith(base)) {
      throw new IOException("relative_tmp_dir " + staging + " is not below base_path " + base);
    }
    if (staging.startsWith(MetaDirectory.of(base))) {
      throw new IOException(
          "relative_tmp_dir must not be "
              + MetaDirectory.NAME
              + " or below it, where the directory keeps files of its own; got "
              + relative);
    }
    return staging;
  }

  /** Takes the right to use a directory, and says of which one if the system refuses. */
  static Ownership take(DirectoryOptions options, Path base) throws IOException {
    return take(options, base, Clock.systemUTC(), FileLocks.SYSTEM);
  }

  static Ownership take(DirectoryOptions options, Path base, Clock clock, FileLocks.Locker locker)
      throws IOException {
    try {
      return Ownership.take(options, base, clock, locker);
    } catch (FileSystemException e) {
      throw new IOException("cannot write to " + base + ": " + e.getFile() + ": " + reason(e), e);
    }
  }

  /**
   * Creates a directory and the parents it lacks, all with the mode, whatever the umask, and on the
   * disk if that is asked for. Those that are there already are taken to be.
   */
  static void create(Path directory, String field, DirectoryOptions options) throws IOException {
    Set<PosixFilePermission> mode = options.directoryMode();
    Deque<Path> missing = new ArrayDeque<>();
    for (Path at = directory; at != null && !Files.exists(at); at = at.getParent()) {
      missing.push(at);
    }
    try {
      for (Path at : missing) {
        try {
          Files.createDirectory(at, MetaDirectory.attributes(mode));
          MetaDirectory.setMode(at, mode);
        } catch (FileAlreadyExistsException e) {
          if (!Files.isDirectory(at)) {
            throw inTheWay(at, e);
          }
        }
        if (options.fsync() == Fsync.FULL) {
          syncParentOf(at);
        }
      }
    } catch (FileSystemException e) {
      throw cannotCreate(directory, field, e.getFile(), reason(e), e);
    }
    if (!Files.isDirectory(directory)) {
      throw new IOException(field + " " + directory + " is not a directory");
    }
  }

  static IOException cannotCreate(
      Path directory, String field, Object at, String reason, @Nullable IOException cause) {
    return new IOException(
        "cannot create " + field + " " + directory + ": " + at + ": " + reason, cause);
  }

  /**
   * Why nobody can make a file, be it that its name or its path is too long; null if nothing speaks
   * against it. Asks the system, which knows the limits. Who may write is another question.
   *
   * @param above the nearest directory above the file that exists: only there names are looked at
   */
  static @Nullable String refusal(Path file, Path above) throws IOException {
    for (Path asked : List.of(file, above.resolve(file.getFileName()))) {
      try {
        Files.readAttributes(asked, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      } catch (NoSuchFileException | AccessDeniedException e) {
        LOG.debug("{} is possible", asked, e);
      } catch (FileSystemException e) {
        return reason(e);
      }
    }
    return null;
  }

  private static FileSystemException inTheWay(Path at, FileAlreadyExistsException e) {
    FileSystemException named = new FileSystemException(at.toString(), null, notADirectory(at));
    named.initCause(e);
    return named;
  }

  /** What is wrong with a path that is there, but no directory, not even by way of links. */
  static String notADirectory(Path at) {
    return Files.isSymbolicLink(at) && !Files.exists(at)
        ? "is a link that leads nowhere; create what it leads to, or remove it"
        : "is not a directory";
  }

  private static void syncParentOf(Path directory) throws IOException {
    Path parent = Objects.requireNonNull(directory.getParent());
    try (FileChannel channel = FileChannel.open(parent, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (FileSystemException e) {
      throw e;
    } catch (IOException e) {
      throw new FileSystemException(parent.toString(), null, "sync: " + e.getMessage());
    }
  }

  /**
   * Stages and publishes a trial file, since a rename across file systems would not be atomic. On a
   * full disk, which is no reason not to open, the system is believed instead.
   *
   * @return whether the file could be given attributes
   * @throws IOException if it cannot be published; the message says which place is to blame
   */
  static boolean tryToPublish(Path base, Path staging, String prefix) throws IOException {
    Path staged = staging.resolve(prefix + "probe.tmp");
    Path published = base.resolve(prefix + "probed.tmp");
    try {
      Files.createFile(staged);
      try {
        boolean attributes = FileAttributes.works(staged);
        Files.move(staged, published, StandardCopyOption.ATOMIC_MOVE);
        Files.delete(published);
        return attributes;
      } finally {
        Files.deleteIfExists(staged);
      }
    } catch (AtomicMoveNotSupportedException e) {
      throw new IOException(apart(base, staging), e);
    } catch (FileSystemException e) {
      if (DiskSpace.isMissing(e)) {
        return believe(base, staging);
      }
      Path refused = e.getOtherFile() == null ? staging : base;
      throw new IOException("cannot write to " + refused + ": " + reason(e), e);
    }
  }

  private static String apart(Path base, Path staging) {
    return "relative_tmp_dir "
        + staging
        + " is on another file system or mount than base_path "
        + base
        + ", so finished files could not appear atomically";
  }

  private static boolean believe(Path base, Path staging) throws IOException {
    FileStore store = Files.getFileStore(base);
    if (!Files.getFileStore(staging).equals(store)) {
      throw new IOException(apart(base, staging));
    }
    return store.supportsFileAttributeView(UserDefinedFileAttributeView.class);
  }

  /** Whether there is an object's file directly in a directory. */
  static boolean anyObjectIn(Path base) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(base)) {
      for (Path file : files) {
        String name = RawPaths.utf8Name(file);
        if (name != null
            && (ObjectFileNames.decode(name) != null
                || ObjectFileNames.isDigestName(name)
                || ObjectFileNames.decodeOld(name) != null)) {
          return true;
        }
      }
      return false;
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  private static String reason(FileSystemException e) {
    String reason = e.getReason();
    if (reason != null) {
      return reason;
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    return e instanceof NoSuchFileException ? "no such file or directory" : e.toString();
  }
}
