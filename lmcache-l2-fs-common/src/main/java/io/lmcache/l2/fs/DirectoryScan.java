// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import io.lmcache.adapter.StoredObject;
import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Tells the objects of a directory from everything else in it, and touches neither.
 *
 * <p>A file is an object if its name is the canonical name of a key whose place this is, and it is
 * a regular file. Its size comes from one {@code stat}. Attributes are read where the name does not
 * say enough: of digest names, for the key, and of files without a byte, which without attribute
 * are what a crash leaves. Links are not followed.
 *
 * <p>Safe for use by many threads; nothing is kept but the strings that keys share.
 */
final class DirectoryScan {

  /** What was met. Called on the walking thread; what it throws ends the walk. */
  interface Visitor {

    /** An object under its own name. */
    void object(StoredObject object, Path file) throws IOException;

    /** An object under the name of upstream's oldest form. */
    default void oldName(StoredObject object, String name, Path file) throws IOException {}

    /** A file under an object's name, without a byte and without an attribute. */
    default void empty(StoredObject object, Path file) throws IOException {}

    /** A file that is being written, or was when its owner died. */
    default void staging(Path file) throws IOException {}

    /** A file under an object's name, without a byte but of a newer version. */
    default void newer(Path file) throws IOException {
      foreign(file);
    }

    /** Anything else that is not of this format. */
    default void foreign(Path file) throws IOException {}

    /** A file or a directory that cannot be looked at; what is in it is not visited. */
    default void unreadable(Path file, IOException failure) throws IOException {
      throw failure;
    }
  }

  /** More strings than this are not worth sharing: every key would have one of its own. */
  private static final int MAX_SHARED = 10_000;

  private final Path base;
  private final Collection<Path> staging;
  private final ObjectNames names;
  private final boolean attributes;
  private final Map<String, String> shared = new ConcurrentHashMap<>();

  /**
   * A scan.
   *
   * @param staging what is not foreign, because instances stage there
   */
  DirectoryScan(Path base, Collection<Path> staging, ObjectNames names, boolean attributes) {
    this.base = base;
    this.staging = staging;
    this.names = names;
    this.attributes = attributes;
  }

  /** Walks all of it. */
  void walk(Visitor visitor) throws IOException {
    walk("", visitor);
  }

  private void walk(String relative, Visitor visitor) throws IOException {
    TreeSet<String> below = new TreeSet<>();
    files(
        relative,
        name -> true,
        (name, file) -> {
          if (leadsToObjects(relative, name)) {
            below.add(child(relative, name));
          } else if (StagingOwners.ownerOf(name) != null) {
            visitor.staging(file);
          } else if (!isOurOwn(relative, name, file)) {
            visit(relative, name, file, visitor);
          }
        });
    for (String directory : below) {
      walkBelow(directory, visitor);
    }
  }

  private void walkBelow(String directory, Visitor visitor) throws IOException {
    Path path = base.resolve(directory);
    BasicFileAttributes stat;
    try {
      stat = stat(path);
      if (stat != null && stat.isDirectory()) {
        walk(directory, visitor);
      }
    } catch (IOException e) {
      visitor.unreadable(path, e);
      return;
    }
    if (stat != null && !stat.isDirectory()) {
      visitor.foreign(path);
    }
  }

  private boolean leadsToObjects(String relative, String name) {
    return !name.isEmpty() && names.leadsToObjects(child(relative, name));
  }

  private static String child(String relative, String name) {
    return relative.isEmpty() ? name : relative + "/" + name;
  }

  private boolean isOurOwn(String relative, String name, Path file) {
    return (relative.isEmpty() && name.equals(MetaDirectory.NAME))
        || staging.stream().anyMatch(place -> !place.equals(base) && place.startsWith(file));
  }

  private void visit(String relative, String name, Path file, Visitor visitor) throws IOException {
    boolean digest = ObjectFileNames.isDigestName(name);
    ObjectKey key = names.decode(relative, name, this::share);
    boolean old = false;
    if (key == null && relative.isEmpty() && names.levels() == 0) {
      key = ObjectFileNames.decodeOld(name);
      old = key != null;
    }
    if (key == null && !digest) {
      visitor.foreign(file);
      return;
    }
    try {
      visit(relative, name, key, old, file, visitor);
    } catch (IOException e) {
      visitor.unreadable(file, e);
    }
  }

  private void visit(
      String relative,
      String name,
      @Nullable ObjectKey named,
      boolean old,
      Path file,
      Visitor visitor)
      throws IOException {
    ObjectKey key = named;
    // Before any attribute is read, which opens the file: to open a pipe waits for its other end.
    BasicFileAttributes stat = stat(file);
    if (stat == null) {
      return; // It is gone by now.
    }
    if (key == null && stat.isRegularFile()) {
      key = digestKey(relative, name, file);
    }
    if (key == null || !stat.isRegularFile()) {
      visitor.foreign(file);
      return;
    }
    StoredObject object = new StoredObject(key, stat.size(), stat.lastModifiedTime().toInstant());
    if (stat.size() == 0 && attributes) {
      ObjectAttribute.State state = FileAttributes.state(file);
      if (state == ObjectAttribute.State.ABSENT) {
        visitor.empty(object, file);
        return;
      } else if (state == ObjectAttribute.State.NEWER) {
        visitor.newer(file);
        return;
      }
    }
    if (old) {
      visitor.oldName(object, name, file);
    } else {
      visitor.object(object, file);
    }
  }

  private @Nullable ObjectKey digestKey(String relative, String name, Path file)
      throws IOException {
    String canonical = attributes ? FileAttributes.canonicalKey(file) : null;
    ObjectKey key = canonical == null ? null : names.decodeDigest(relative, name, canonical);
    return key == null
        ? null
        : ObjectKey.of(
            key.chunkHash(),
            share(key.modelName()),
            key.kvRank(),
            key.objectGroupId(),
            share(key.cacheSalt()));
  }

  private String share(String text) {
    if (shared.size() >= MAX_SHARED) {
      shared.clear();
    }
    String known = shared.putIfAbsent(text, text);
    return known == null ? text : known;
  }

  /** Visits what stands in one directory of the layout under the wanted names. */
  void visitOne(String relative, Predicate<String> wanted, Visitor visitor) throws IOException {
    files(relative, wanted, (name, file) -> visit(relative, name, file, visitor));
  }

  /** Takes one name of a directory. */
  interface Entry {
    void met(String name, Path file) throws IOException;
  }

  /** Reads one directory of the layout; one that is gone by now is empty. */
  void files(String relative, Predicate<String> wanted, Entry entry) throws IOException {
    Path directory = relative.isEmpty() ? base : base.resolve(relative);
    boolean opened = false;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      opened = true;
      for (Path file : files) {
        String name = RawPaths.utf8Name(file);
        if (name == null) {
          entry.met("", file); // Not text, so certainly not ours.
        } else if (wanted.test(name)) {
          entry.met(name, file);
        }
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      // Once it is open, it is of something else that this is said.
      if (opened || relative.isEmpty()) {
        throw e;
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  /** What is at a path, links not followed; null if nothing is. */
  static @Nullable BasicFileAttributes stat(Path file) throws IOException {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /**
   * What leads to objects and is directly below a directory of the layout, in order. Other things
   * than directories may be among it.
   */
  Set<String> below(String relative) throws IOException {
    TreeSet<String> found = new TreeSet<>();
    files(
        relative,
        name -> leadsToObjects(relative, name),
        (name, file) -> {
          if (!name.isEmpty()) {
            found.add(child(relative, name));
          }
        });
    return found;
  }

  /** Whether it is a directory, and not a link to one. */
  boolean isDirectory(String relative) {
    return Files.isDirectory(base.resolve(relative), LinkOption.NOFOLLOW_LINKS);
  }
}
