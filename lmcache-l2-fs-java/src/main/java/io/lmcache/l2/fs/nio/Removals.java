// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import io.lmcache.l2.fs.FileIdentity;
import io.lmcache.l2.fs.RemovalLimit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes files that hold no object, and never a file that has meanwhile taken their place.
 *
 * <p>Between the look at a file and its removal another store may publish a sound one there. So
 * both happen under one lock for the path, which whoever publishes takes as well. The locks are few
 * and shared by paths; nobody takes two. Another process is not kept out: there the identity alone
 * must do, and leaves a gap of two system calls.
 *
 * <p>Safe for use by many threads.
 */
final class Removals {

  /** What became of a damaged file. */
  enum Removal {
    /** It is gone. */
    REMOVED,
    /** It stays, but is not served and not taken for an object. */
    KEPT,
    /** Another file is there, or none. */
    CHANGED
  }

  private static final Logger log = LoggerFactory.getLogger(Removals.class);
  private static final int STRIPES = 64;

  /** More would be a list of all that is wrong with a disk. */
  private static final int MAX_KEPT = 10_000;

  private final Lock[] locks = new Lock[STRIPES];
  private final Map<Path, FileIdentity> kept = new ConcurrentHashMap<>();
  private final Inspector inspector;
  private final RemovalLimit limit;

  Removals(Inspector inspector, RemovalLimit limit) {
    this.inspector = inspector;
    this.limit = limit;
    for (int i = 0; i < STRIPES; i++) {
      locks[i] = new ReentrantLock();
    }
  }

  /** What guards the place: held while a file is published or removed there. */
  Lock lockOf(Path path) {
    int hash = path.hashCode();
    return locks[(hash ^ (hash >>> 16)) & (STRIPES - 1)];
  }

  /** Removes a damaged file, if it is still the same and not too many were found. */
  Removal removeCorrupt(Path path, FileIdentity damaged) throws IOException {
    Lock lock = lockOf(path);
    lock.lock();
    try {
      if (!damaged.equals(inspector.identity(path))) {
        return Removal.CHANGED;
      }
      if (limit.tryAcquire()) {
        try {
          Files.delete(path);
          return Removal.REMOVED;
        } catch (IOException e) {
          log.warn("a damaged file cannot be removed: {}", e.toString());
        }
      }
      if (kept.size() < MAX_KEPT) {
        kept.put(path, damaged);
      }
      return Removal.KEPT;
    } finally {
      lock.unlock();
    }
  }

  /** Removes a file without content, if it is still the same. */
  void removeEmpty(Path path, FileIdentity empty) throws IOException {
    Lock lock = lockOf(path);
    lock.lock();
    try {
      if (empty.equals(inspector.identity(path))) {
        Files.deleteIfExists(path);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Removes whatever file is there.
   *
   * @return false if there was none
   */
  boolean remove(Path path) throws IOException {
    Lock lock = lockOf(path);
    lock.lock();
    try {
      kept.remove(path);
      Files.delete(path);
      return true;
    } catch (NoSuchFileException e) {
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** Whether this is a damaged file that had to stay. */
  boolean isKept(Path path, FileIdentity identity) {
    FileIdentity damaged = kept.get(path);
    if (damaged == null) {
      return false;
    }
    if (!damaged.equals(identity)) {
      kept.remove(path, damaged);
      return false;
    }
    return true;
  }

  /** Whether damaged files stay because there were too many. */
  boolean tripped() {
    return limit.tripped();
  }
}
