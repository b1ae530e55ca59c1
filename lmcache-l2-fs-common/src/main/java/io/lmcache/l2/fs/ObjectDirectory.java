// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import io.lmcache.adapter.StoredObject;
import io.lmcache.spi.KeyEntry;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A directory of objects: {@code base_path}, and the place where files are staged.
 *
 * <p>Immutable; safe for use by many threads. Its methods do I/O on the calling thread, so an
 * adapter calls them when it opens or on a thread of its own.
 */
public final class ObjectDirectory {

  private final Path base;
  private final Path staging;
  private final String stagingPrefix;

  private ObjectDirectory(Path base, Path staging) {
    this.base = base;
    this.staging = staging;
    this.stagingPrefix = ".lmc-" + UUID.randomUUID() + "-";
  }

  /**
   * Creates the directories that are missing, readable by their owner only, and proves that a file
   * can be staged and published.
   *
   * @param base {@code base_path}
   * @param relativeStaging {@code relative_tmp_dir}; empty to stage beside the objects
   * @throws IOException if the place cannot be used; the message says which and why
   */
  public static ObjectDirectory prepare(Path base, String relativeStaging) throws IOException {
    Path absolute = base.toAbsolutePath().normalize();
    create(absolute, "base_path");
    Path staging = absolute.resolve(relativeStaging).normalize();
    if (!relativeStaging.isEmpty()) {
      create(staging, "relative_tmp_dir");
    }
    ObjectDirectory directory = new ObjectDirectory(absolute, staging);
    directory.tryToPublish();
    return directory;
  }

  private static void create(Path directory, String field) throws IOException {
    try {
      Files.createDirectories(directory, ownerOnly());
    } catch (FileAlreadyExistsException e) {
      throw new IOException(field + " " + directory + " is not a directory", e);
    } catch (FileSystemException e) {
      throw new IOException(
          "cannot create " + field + " " + directory + ": " + e.getFile() + ": " + reason(e), e);
    }
  }

  private static FileAttribute<?>[] ownerOnly() {
    boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    return posix
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
        }
        : new FileAttribute<?>[0];
  }

  /** A rename across file systems would not be atomic, so a trial one decides. */
  private void tryToPublish() throws IOException {
    Path staged = staging.resolve(stagingPrefix + "probe.tmp");
    Path published = base.resolve(stagingPrefix + "probed.tmp");
    try {
      Files.createFile(staged);
      try {
        Files.move(staged, published, StandardCopyOption.ATOMIC_MOVE);
        Files.delete(published);
      } finally {
        Files.deleteIfExists(staged);
      }
    } catch (AtomicMoveNotSupportedException e) {
      throw new IOException(
          "relative_tmp_dir "
              + staging
              + " is on another file system than base_path "
              + base
              + ", so finished files could not appear atomically",
          e);
    } catch (FileSystemException e) {
      Path refused = e.getOtherFile() == null ? staging : base;
      throw new IOException("cannot write to " + refused + ": " + reason(e), e);
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

  /** {@code base_path}, absolute. */
  public Path base() {
    return base;
  }

  /** Where files are written before they are published; may be {@link #base()}. */
  public Path staging() {
    return staging;
  }

  /** How the names of staging files begin; no other instance uses the same. */
  public String stagingPrefix() {
    return stagingPrefix;
  }

  /**
   * Visits every object, in no particular order.
   *
   * @throws IOException if the directory cannot be read
   */
  public void forEach(Consumer<StoredObject> visitor) throws IOException {
    walk(
        name -> true,
        (name, key, path) -> {
          StoredObject object = stat(key, path);
          if (object != null) {
            visitor.accept(object);
          }
        });
  }

  /**
   * One page of the objects, by file name. Each page reads the whole directory once and holds one
   * page in memory.
   *
   * @throws IOException if the directory cannot be read
   * @throws IllegalArgumentException if the cursor is not one of {@link KeyPage#nextCursor()}
   */
  public KeyPage page(ListRequest request) throws IOException {
    String after = nameOf(request.cursor());
    record Candidate(ObjectKey key, Path path) {}
    // By name: a file that is replaced during the walk may be met twice.
    TreeMap<String, Candidate> first = new TreeMap<>();
    walk(
        name ->
            (after == null || name.compareTo(after) > 0)
                && (first.size() < request.pageSize() || name.compareTo(first.lastKey()) < 0),
        (name, key, path) -> {
          if (request.modelName() == null || request.modelName().equals(key.modelName())) {
            first.put(name, new Candidate(key, path));
            if (first.size() > request.pageSize()) {
              first.pollLastEntry();
            }
          }
        });
    List<KeyEntry> entries = new ArrayList<>(first.size());
    for (Candidate candidate : first.values()) {
      StoredObject object = stat(candidate.key(), candidate.path());
      if (object != null) {
        entries.add(new KeyEntry(object.key(), object.sizeBytes()));
      }
    }
    boolean last = first.size() < request.pageSize();
    return new KeyPage(entries, last ? null : cursorAfter(first.lastKey()), null);
  }

  private static String cursorAfter(String name) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(name.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Reads a cursor.
   *
   * @throws IllegalArgumentException if it is not one of ours
   */
  public static @Nullable String nameOf(@Nullable String cursor) {
    if (cursor == null) {
      return null;
    }
    String name;
    try {
      name = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw notACursor(cursor, e);
    }
    if (ObjectFileNames.decode(name) == null || !cursorAfter(name).equals(cursor)) {
      throw notACursor(cursor, null);
    }
    return name;
  }

  private static IllegalArgumentException notACursor(
      String cursor, @Nullable IllegalArgumentException cause) {
    return new IllegalArgumentException("not a cursor of this adapter: " + cursor, cause);
  }

  private interface Visitor {
    void visit(String name, ObjectKey key, Path path) throws IOException;
  }

  private void walk(Predicate<String> wanted, Visitor visitor) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(base)) {
      for (Path file : files) {
        String name = RawPaths.utf8Name(file);
        ObjectKey key = name == null || !wanted.test(name) ? null : ObjectFileNames.decode(name);
        if (name != null && key != null) {
          visitor.visit(name, key, file);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  /** The object in a file, or null if it is gone by now or is no regular file. */
  private static @Nullable StoredObject stat(ObjectKey key, Path path) throws IOException {
    try {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      return attributes.isRegularFile()
          ? new StoredObject(key, attributes.size(), attributes.lastModifiedTime().toInstant())
          : null;
    } catch (NoSuchFileException e) {
      return null;
    } catch (FileSystemException e) {
      if (Files.isSymbolicLink(path)) {
        return null; // It leads nowhere: a loop, or through a file.
      }
      throw e;
    }
  }
}
