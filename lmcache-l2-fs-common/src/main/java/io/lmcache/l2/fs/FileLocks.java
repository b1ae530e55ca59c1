// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The locks on files that this JVM holds.
 *
 * <p>A {@link FileLock} is a lock of the process, and closing any channel on its file drops it,
 * whoever opened that channel. So a file of {@code .lmcache/} that is locked by this JVM is in one
 * table, by its identity and not by its path, and is never opened a second time: who wants it joins
 * what is there or is refused. Nothing is read or written through a channel once it is in the table
 * and published, because the interruption of a thread would close it.
 *
 * <p>All is done under the monitor of the table, and so are the closings: between the opening and
 * the closing of a channel nobody else of this JVM can get a lock on the same file.
 */
final class FileLocks {

  /** The system call. */
  @FunctionalInterface
  interface Locker {
    /**
     * Tries, without waiting.
     *
     * @return null if another process has it
     * @throws IOException if the file system does not support locks
     */
    @Nullable FileLock tryLock(FileChannel channel, boolean shared) throws IOException;
  }

  static final Locker SYSTEM = (channel, shared) -> channel.tryLock(0, Long.MAX_VALUE, shared);

  /** A path that leads to another file each time is not one of ours. */
  private static final int MAX_ATTEMPTS = 16;

  private static final Map<Object, Entry> TABLE = new HashMap<>();

  /** One open file; guarded by the monitor of the table. */
  private static final class Entry {
    private final FileChannel channel;
    private final boolean shared;
    private int holders;
    private @Nullable FileLock lock;
    private @Nullable IOException unsupported;
    private @Nullable OwnerRecord owner;

    Entry(FileChannel channel, boolean shared) {
      this.channel = channel;
      this.shared = shared;
    }

    /** Without a lock nobody is kept out, in this process as little as in others. */
    boolean admits(boolean wantsShared) {
      return unsupported != null || (shared && wantsShared);
    }
  }

  /** One holder's part of a lock. Safe for use by many threads. */
  static final class Held implements AutoCloseable {
    private final Object identity;
    private final Entry entry;
    private boolean released;

    private Held(Object identity, Entry entry) {
      this.identity = identity;
      this.entry = entry;
      entry.holders++;
    }

    /** Why there is no lock although it was not refused; null if there is one. */
    @Nullable IOException unsupported() {
      synchronized (TABLE) {
        return entry.unsupported;
      }
    }

    /**
     * Writes an owner file; only by who created it, before it gets its name.
     *
     * @param file its path, for the message if that fails
     */
    void write(Path file, OwnerRecord owner) throws IOException {
      synchronized (TABLE) {
        entry.owner = owner;
        ByteBuffer buffer = ByteBuffer.wrap(owner.toBytes());
        try {
          for (long at = 0; buffer.hasRemaining(); ) {
            at += entry.channel.write(buffer, at);
          }
        } catch (ClosedChannelException e) {
          throw e;
        } catch (IOException e) {
          // A full disk, of which the channel does not say where it is.
          throw new IOException("cannot write " + file + ": " + e.getMessage(), e);
        }
      }
    }

    /** The first bytes of the file; only by who holds it alone. */
    byte[] read(int maxBytes) throws IOException {
      synchronized (TABLE) {
        ByteBuffer buffer = ByteBuffer.allocate(maxBytes);
        while (buffer.hasRemaining() && entry.channel.read(buffer, buffer.position()) >= 0) {}
        byte[] bytes = new byte[buffer.position()];
        buffer.flip().get(bytes);
        return bytes;
      }
    }

    /** Gives it back; the last holder closes the file. Idempotent. */
    @Override
    public void close() throws IOException {
      synchronized (TABLE) {
        if (!released) {
          released = true;
          entry.holders--;
          if (entry.holders == 0) {
            TABLE.remove(identity, entry);
            entry.channel.close();
          }
        }
      }
    }
  }

  private FileLocks() {}

  /** Creates a file and locks it. */
  static Held create(Path file, Set<PosixFilePermission> mode, Locker locker) throws IOException {
    synchronized (TABLE) {
      createNew(file, mode).close();
      Held held = tryTake(file, false, locker);
      if (held == null) {
        throw new IOException(file + " was locked by another process as it was created");
      }
      return held;
    }
  }

  /** Creates a file if there is none, and tries to lock it; null if it is held. */
  static @Nullable Held tryTakeOrCreate(
      Path file, Set<PosixFilePermission> mode, boolean shared, Locker locker) throws IOException {
    synchronized (TABLE) {
      for (int attempt = 1; ; attempt++) {
        try {
          createIfMissing(file, mode);
          return tryTake(file, shared, locker);
        } catch (NoSuchFileException | FileAlreadyExistsException e) {
          // Whoever made it may take it away again, see Ownership#closeAsFound.
          if (attempt == MAX_ATTEMPTS) {
            throw e;
          }
        }
      }
    }
  }

  private static void createIfMissing(Path file, Set<PosixFilePermission> mode) throws IOException {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      try {
        createNew(file, mode).close();
      } catch (FileAlreadyExistsException e) {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
          throw e;
        }
      }
    }
  }

  /** New to this process too, so closing it drops no lock. */
  private static FileChannel createNew(Path file, Set<PosixFilePermission> mode)
      throws IOException {
    FileChannel channel =
        FileChannel.open(
            file,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            MetaDirectory.attributes(mode));
    try {
      MetaDirectory.setMode(file, mode);
    } catch (IOException | RuntimeException e) {
      try (channel) {
        throw e;
      }
    }
    return channel;
  }

  /**
   * Tries to lock a file that exists.
   *
   * @return null if it is held, by another process or by this one in a way that excludes
   * @throws NoSuchFileException if there is no such file, or no longer
   */
  static @Nullable Held tryTake(Path file, boolean shared, Locker locker) throws IOException {
    synchronized (TABLE) {
      for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        Object identity = identity(file);
        Entry entry = TABLE.get(identity);
        if (entry != null && entry.holders > 0) {
          return entry.admits(shared) ? new Held(identity, entry) : null;
        }
        FileChannel channel = entry == null ? open(file) : entry.channel;
        Held held = lock(identity, channel, shared, locker);
        if (held == null) {
          return null;
        }
        // The file may have been removed before it was locked: then the lock protects nothing.
        boolean same = false;
        try {
          same = identity(file).equals(identity);
        } finally {
          if (!same) {
            held.close();
          }
        }
        if (same) {
          return held;
        }
      }
      throw new IOException(file + " is replaced again and again");
    }
  }

  /** What this JVM's owner of that file says of itself; null if the file is not one of them. */
  static @Nullable OwnerRecord ownerInThisJvm(Path file) throws IOException {
    synchronized (TABLE) {
      Entry entry = TABLE.get(identity(file));
      return entry == null ? null : entry.owner;
    }
  }

  /**
   * The first bytes of a file that another process has locked.
   *
   * @return null if this JVM has the file open: it must not be opened again
   */
  static byte @Nullable [] read(Path file, int maxBytes) throws IOException {
    synchronized (TABLE) {
      if (TABLE.containsKey(identity(file))) {
        return null;
      }
      try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
        return in.readNBytes(maxBytes);
      }
    }
  }

  private static @Nullable Held lock(
      Object identity, FileChannel channel, boolean shared, Locker locker) throws IOException {
    Entry entry = new Entry(channel, shared);
    boolean keep = false;
    try {
      entry.lock = locker.tryLock(channel, shared);
      keep = entry.lock != null;
    } catch (OverlappingFileLockException e) {
      // Held by this JVM, but not through this table: another class loader has one of its own.
      // To close the channel would drop that lock, so it stays, without a holder, for the next try.
      TABLE.put(identity, entry);
      keep = true;
    } catch (ClosedChannelException e) {
      throw e;
    } catch (IOException e) {
      entry.unsupported = e;
      keep = true;
    } finally {
      if (!keep) {
        TABLE.remove(identity);
        channel.close();
      }
    }
    if (entry.lock == null && entry.unsupported == null) {
      return null;
    }
    TABLE.put(identity, entry);
    return new Held(identity, entry);
  }

  private static FileChannel open(Path file) throws IOException {
    return FileChannel.open(
        file,
        Set.<OpenOption>of(
            StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS));
  }

  /** Device and inode: the same file by any path. */
  private static Object identity(Path file) throws IOException {
    BasicFileAttributes attributes =
        Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!attributes.isRegularFile()) {
      throw notRegular(file);
    }
    Object key = attributes.fileKey();
    return key == null ? file.toRealPath() : key;
  }

  static IOException notRegular(Path file) {
    return new IOException(file + " is not a regular file");
  }
}
