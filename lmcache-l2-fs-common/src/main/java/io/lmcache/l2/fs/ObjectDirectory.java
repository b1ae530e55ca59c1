// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import io.lmcache.adapter.StoredObject;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory of objects, opened by one adapter: who may use it, where each key's file is, what is
 * in it.
 *
 * <p>Adapters read and write the files themselves; docs/directory-format.md says what is in them.
 *
 * <p><b>Threads.</b> Safe for use by many. {@link #open}, {@link #forEach}, {@link #page} and
 * {@link #close} do I/O on the calling thread, the rest does none. The directory is given back
 * after the last walk that was under way when it was closed.
 */
public final class ObjectDirectory implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ObjectDirectory.class);

  private final DirectoryOptions options;
  private final Path base;
  private final Path staging;
  private final Tenancy tenancy;
  private final ObjectNames names;
  private final boolean attributes;
  private final String fileSystem;
  private final DirectoryScan scan;
  private final DirectoryPages pages;
  private final ObjectRemoval removal;

  /** Objects under names of upstream's oldest form, which a scan met. */
  private final Map<ObjectKey, ObjectName> oldNames = new ConcurrentHashMap<>();

  private final AtomicLong swept = new AtomicLong();
  private volatile long foreign;
  private volatile long empty;
  private volatile boolean closing;
  private int users = 1;

  private ObjectDirectory(
      DirectoryOptions options, Path base, Path staging, Tenancy tenancy, boolean attributes)
      throws IOException {
    this.options = options;
    this.fileSystem = Files.getFileStore(base).type();
    this.base = base;
    this.staging = staging;
    this.tenancy = tenancy;
    this.attributes = attributes;
    this.names = new ObjectNames(options.hashSubdirLevels(), attributes);
    this.scan = new DirectoryScan(base, Set.of(staging), names, attributes);
    this.pages = new DirectoryPages(scan, names, this::isPlaceOf);
    this.removal = new ObjectRemoval(scan, attributes);
  }

  /**
   * Opens a directory: creates what is missing, takes the right to use it, and proves that a file
   * can be staged and published. Where objects are not to persist, those of an earlier run are
   * removed.
   *
   * @throws IOException if the directory cannot be used; the message says which and why. One of
   *     another format, or in use by others, was not changed
   */
  public static ObjectDirectory open(DirectoryOptions options) throws IOException {
    Path base = options.basePath().toAbsolutePath().normalize();
    Path staging = DirectorySetup.staging(base, options.relativeStaging());
    FormatFile.ObjectSearch objectsAtTop = () -> DirectorySetup.anyObjectIn(base);
    if (Files.isDirectory(base)) {
      FormatFile.check(base, options.hashSubdirLevels(), objectsAtTop);
    }
    DirectorySetup.create(base, "base_path", options);
    Ownership ownership = DirectorySetup.take(options, base);
    try {
      FormatFile.write(base, options, objectsAtTop);
      return openOwned(options, base, staging, ownership);
    } catch (IOException | RuntimeException | Error e) {
      try {
        ownership.closeAsFound();
      } catch (IOException f) {
        e.addSuppressed(f);
      }
      throw e;
    }
  }

  /**
   * Opens a directory to look at it, and leaves it as it is: nothing is created, removed or locked,
   * and who uses it goes on. Where it is not there, the place in which it would be made is looked
   * at. There is nothing to visit in it, and nothing to give back.
   *
   * @throws IOException if nobody could use the directory as configured; that somebody else does is
   *     no reason, and told in {@link #details}
   */
  public static ObjectDirectory examine(DirectoryOptions options) throws IOException {
    Path base = options.basePath().toAbsolutePath().normalize();
    if (Files.isDirectory(base)) {
      FormatFile.check(base, options.hashSubdirLevels(), () -> DirectorySetup.anyObjectIn(base));
    }
    Visit visit = Visit.of(options, base, DirectorySetup.staging(base, options.relativeStaging()));
    checkPersistence(options, base, visit.locks() && !options.shared());
    return new ObjectDirectory(options, visit.base(), visit.staging(), visit, visit.attributes());
  }

  private static void checkPersistence(DirectoryOptions options, Path base, boolean alone)
      throws IOException {
    if (!options.persistEnabled() && !alone) {
      throw new IOException(
          "\"persist_enabled\": false removes objects that others may use, and "
              + base
              + " has no locks to tell whether there are any; leave it out");
    }
  }

  private static ObjectDirectory openOwned(
      DirectoryOptions options, Path base, Path staging, Ownership ownership) throws IOException {
    if (!staging.equals(base)) {
      DirectorySetup.create(staging, "relative_tmp_dir", options);
    }
    checkPersistence(options, base, ownership.exclusive());
    boolean attributes = DirectorySetup.tryToPublish(base, staging, ownership.stagingPrefix());
    if (!attributes) {
      log.warn(
          "{} is on a file system without user attributes: objects carry no checksum and are"
              + " checked by their length only, names over {} bytes are refused",
          base,
          ObjectFileNames.NAME_MAX);
    }
    ObjectDirectory directory = new ObjectDirectory(options, base, staging, ownership, attributes);
    if (!options.persistEnabled()) {
      directory.removal.removeEarlierRun(base);
    }
    return directory;
  }

  /** {@code base_path}, absolute; of one that is only looked at, what is there of it. */
  public Path base() {
    return base;
  }

  /** Where files are written before they are published; may be {@link #base()}. */
  public Path staging() {
    return staging;
  }

  /** How the names of staging files begin, before a number and {@code .tmp}; nobody else's do. */
  public String stagingPrefix() {
    return tenancy.stagingPrefix();
  }

  /** Whether files can carry {@link ObjectAttribute}s here. */
  public boolean attributes() {
    return attributes;
  }

  /** The type of the file system, such as {@code ext4}. */
  public String fileSystem() {
    return fileSystem;
  }

  /** Whether nobody else uses the directory, so that what one knows of it stays true. */
  public boolean exclusive() {
    return tenancy.exclusive();
  }

  /**
   * Whether the path leads nowhere by now, or to a directory that took the place of the one that
   * was opened. Who changes files by their paths asks this first; one system call.
   */
  public boolean isGone() {
    return tenancy instanceof Ownership ownership && ownership.isGone();
  }

  /** The longest canonical form of a key, in bytes, that may have a name here. */
  public int maxKeyBytes() {
    return names.maxKeyBytes();
  }

  /**
   * Where a key's file is, or belongs. Does no I/O, but for keys under upstream's oldest names:
   * whether they have a file of their own name by now.
   *
   * @throws UnsupportedKeyException if the format has no place for it
   */
  public ObjectName name(ObjectKey key) throws UnsupportedKeyException {
    ObjectName old = oldNames.isEmpty() ? null : oldNames.get(key);
    if (old == null) {
      return names.of(key);
    }
    if (hasOwnNameNow(key)) {
      // Stored meanwhile, by a store that began before the scan met the old file, or by others.
      oldNames.remove(key, old);
      return names.of(key);
    }
    return old;
  }

  /**
   * Visits every object, in no particular order, and removes what dead instances left in staging.
   * One walk at a time. Once the directory is closed there is nothing to visit.
   *
   * @throws IOException if something in the directory cannot be read; all else was visited
   */
  public void forEach(Consumer<StoredObject> visitor) throws IOException {
    if (!(tenancy instanceof Ownership ownership) || !enter()) {
      return;
    }
    try {
      Recount recount = new Recount(visitor, ownership);
      recount.sweptFiles += ownership.staging().sweepPlacesOfTheDead(base);
      if (!staging.equals(base)) {
        recount.sweptFiles += ownership.staging().sweep(staging);
      }
      walk(recount);
      recount.adoptOldNames();
      foreign = recount.foreignFiles;
      empty = recount.emptyFiles;
      swept(recount.sweptFiles);
      // What cannot be read may hold what the dead have staged: then their owner files stay.
      recount.requireAllRead();
      ownership.staging().removeDeadOwners();
    } finally {
      leave();
    }
  }

  private void walk(Recount recount) throws IOException {
    try {
      scan.walk(recount);
    } catch (FileSystemException e) {
      throw new IOException("read " + base + ": " + Errno.reason(e), e);
    }
  }

  private void swept(int removed) {
    swept.addAndGet(removed);
    if (removed > 0) {
      log.info("{}: removed {} staging files of instances that are dead", base, removed);
    }
  }

  /** Passes objects on and counts the rest. */
  private final class Recount implements DirectoryScan.Visitor {

    private final Consumer<StoredObject> visitor;
    private final Ownership ownership;
    private final Map<StoredObject, String> old = new LinkedHashMap<>();
    private long foreignFiles;
    private long emptyFiles;
    private int sweptFiles;
    private long unread;
    private String firstUnread = "";

    Recount(Consumer<StoredObject> visitor, Ownership ownership) {
      this.visitor = visitor;
      this.ownership = ownership;
    }

    @Override
    public void object(StoredObject object, Path file) {
      visitor.accept(object);
    }

    @Override
    public void oldName(StoredObject object, String name, Path file) {
      old.put(object, name);
    }

    @Override
    public void staging(Path file) throws IOException {
      if (ownership.staging().sweepFile(file)) {
        sweptFiles++;
      }
    }

    @Override
    public void empty(StoredObject object, Path file) {
      emptyFiles++;
    }

    @Override
    public void foreign(Path file) {
      foreignFiles++;
    }

    @Override
    public void unreadable(Path file, IOException failure) {
      if (Errno.isAbsence(failure)) {
        return; // Others removed it while it was looked at.
      }
      if (unread++ == 0) {
        firstUnread = "read " + file + ": " + Errno.reason(failure);
      }
    }

    void requireAllRead() throws IOException {
      if (unread > 0) {
        throw new IOException(
            unread == 1 ? firstUnread : firstUnread + ", and " + (unread - 1) + " more");
      }
    }

    /** Unless the key also has a file under its own name, which then is the object. */
    void adoptOldNames() throws IOException {
      Set<ObjectKey> adopted = new HashSet<>();
      for (Map.Entry<StoredObject, String> entry : old.entrySet()) {
        StoredObject object = entry.getKey();
        if (hasOwnName(object.key())) {
          foreignFiles++;
        } else {
          oldNames.put(object.key(), new ObjectName("", entry.getValue(), false));
          adopted.add(object.key());
          visitor.accept(object);
        }
      }
      if (unread == 0) {
        // Of the others the old file is gone, or no longer the object.
        oldNames.keySet().retainAll(adopted);
      }
    }
  }

  private boolean hasOwnNameNow(ObjectKey key) {
    try {
      return hasOwnName(key);
    } catch (IOException e) {
      log.debug("{} is taken to have no file of its own name", key, e);
      return false;
    }
  }

  private boolean hasOwnName(ObjectKey key) throws IOException {
    try {
      return DirectoryScan.stat(base.resolve(names.of(key).path())) != null;
    } catch (UnsupportedKeyException e) {
      return false;
    }
  }

  /** Nobody would find a key under an old name that no scan has met yet. */
  private boolean isPlaceOf(ObjectKey key, String oldName) throws IOException {
    ObjectName place = oldNames.get(key);
    return place != null && place.file().equals(oldName) && !hasOwnName(key);
  }

  /**
   * One page of the objects, by relative path.
   *
   * @throws IOException if the directory cannot be read
   * @throws IllegalArgumentException if the cursor is not one of {@link KeyPage#nextCursor()}
   */
  public KeyPage page(ListRequest request) throws IOException {
    return pages.page(request);
  }

  /**
   * Refuses what is no cursor of {@link #page}, without I/O.
   *
   * @throws IllegalArgumentException if it is not
   */
  public void checkCursor(String cursor) {
    pages.pathOf(cursor);
  }

  /** What an operator wants to know about it, in order of importance. */
  public Map<String, String> details() {
    Map<String, String> details = new LinkedHashMap<>();
    details.put("base_path", options.basePath().toAbsolutePath().normalize().toString());
    if (tenancy instanceof Visit visit && visit.missing()) {
      details.put("base_path_exists", "no, it would be made in " + base);
    }
    details.put("file_system", fileSystem);
    details.put("relative_tmp_dir", options.relativeStaging());
    details.put("hash_subdir_levels", Integer.toString(names.levels()));
    details.putAll(tenancy.details());
    details.put("persist_enabled", Effect.persistence(options.persistEnabled(), attributes));
    details.put(
        "attributes",
        attributes ? "yes" : "no: no checksums and no names over 255 bytes on this file system");
    if (tenancy instanceof Ownership) {
      details.put("foreign_files", Long.toString(foreign));
      details.put("empty_files", Long.toString(empty));
      details.put("old_names", Integer.toString(oldNames.size()));
      details.put("swept_staging_files", Long.toString(swept.get()));
    }
    return details;
  }

  private synchronized boolean enter() {
    if (closing) {
      return false;
    }
    users++;
    return true;
  }

  private void leave() throws IOException {
    boolean last;
    synchronized (this) {
      last = --users == 0;
    }
    if (last) {
      giveBack();
    }
  }

  private void giveBack() throws IOException {
    if (tenancy instanceof Ownership ownership) {
      try (ownership) {
        if (!options.persistEnabled()) {
          removeAll(ownership);
        }
      }
    }
  }

  private void removeAll(Ownership ownership) throws IOException {
    if (ownership.isHere()) {
      removal.removeAll();
    } else {
      log.warn(
          "{} is another directory than the one that was opened, so nothing in it is removed",
          options.basePath());
    }
  }

  /**
   * Gives the directory back, once the last walk has ended; the staging files of its user must be
   * gone. Where objects are not to persist, removes them. Idempotent.
   */
  @Override
  public void close() throws IOException {
    synchronized (this) {
      if (closing) {
        return;
      }
      closing = true;
    }
    leave();
  }
}
