// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.adapter.Condition;
import io.lmcache.adapter.StoredObject;
import io.lmcache.l2.fs.KeyDigest;
import io.lmcache.l2.fs.ObjectDirectory;
import io.lmcache.l2.fs.ObjectName;
import io.lmcache.l2.fs.RawPaths;
import io.lmcache.l2.fs.UnsupportedKeyException;
import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.Health;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Priority;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connector of {@code fs_native}: files in a directory, read and written by C++ threads.
 *
 * <p>Threads: any may submit; the bridge's drain thread drains and destroys. The native client is
 * freed under the write lock, every other call but the drain itself holds the read lock, so no call
 * can meet a freed client. Nothing waits under the lock.
 */
final class LMCacheFSClient implements NativeConnector {

  /** What {@link NativeCalls#counts} says after queued and running. */
  private static final List<String> FINDINGS =
      List.of("corrupt", "corrupt_kept", "unverified", "foreign", "empty", "size_mismatch");

  private static final int FIRST_RESULT_WORDS = 2 + 2 * 1024;
  private static final int REPLACE = 1;
  private static final int FILE_MODE = 0600;
  private static final int DIRECTORY_MODE = 0700;
  private static final Logger log = LoggerFactory.getLogger(LMCacheFSClient.class);

  private final ObjectDirectory directory;
  private final FsNativeConfig config;
  private final ReadWriteLock use = new ReentrantReadWriteLock();
  private long handle;
  private long[] results = new long[FIRST_RESULT_WORDS];

  private LMCacheFSClient(ObjectDirectory directory, FsNativeConfig config, long handle) {
    this.directory = directory;
    this.config = config;
    this.handle = handle;
  }

  /**
   * Opens the directory and starts the workers.
   *
   * @throws IOException if either fails; nothing is left behind
   */
  static LMCacheFSClient open(ObjectDirectory directory, FsNativeConfig config) throws IOException {
    int[] failure = new int[2];
    int flags =
        (directory.attributes() ? NativeCalls.ATTRIBUTES : 0)
            | (config.checksum() == Checksum.CRC32C ? NativeCalls.CHECKSUM : 0);
    long handle =
        NativeCalls.open(
            RawPaths.bytes(directory.base()),
            RawPaths.bytes(directory.staging()),
            directory.stagingPrefix().getBytes(StandardCharsets.UTF_8),
            config.numWorkers(),
            flags,
            FILE_MODE,
            DIRECTORY_MODE,
            failure);
    if (handle == 0) {
      throw new IOException(
          NativeErrors.text(NativeStep.of(failure[1]), directory.base().toString(), failure[0]));
    }
    return new LMCacheFSClient(directory, config, handle);
  }

  @Override
  public AdapterLimits limits() {
    return new AdapterLimits(
        AdapterLimits.MAX_OBJECT_BYTES,
        AdapterLimits.MAX_KEYS_PER_REQUEST,
        directory.maxKeyBytes(),
        1,
        1,
        Set.of());
  }

  @Override
  public NativeName name(ObjectKey key) throws UnsupportedKeyException {
    ObjectName name = directory.name(key);
    return new NativeName(
        name.path().getBytes(StandardCharsets.UTF_8),
        KeyDigest.of(key),
        name.digest() ? key.toString().getBytes(StandardCharsets.UTF_8) : null);
  }

  @Override
  public boolean submit(NativeBatch batch) {
    int count = batch.names().size();
    ByteArrayOutputStream paths = new ByteArrayOutputStream(count * 96);
    for (NativeName name : batch.names()) {
      paths.writeBytes(name.path());
      paths.write(0);
    }
    long @Nullable [] sizes = null;
    ByteBuffer @Nullable [] buffers = null;
    if (!batch.objects().isEmpty()) {
      sizes = batch.objects().stream().mapToLong(object -> object.sizeBytes()).toArray();
      buffers = batch.objects().stream().map(o -> o.buffer()).toArray(ByteBuffer[]::new);
    }
    use.readLock().lock();
    try {
      return handle != 0
          && NativeCalls.submit(
                  handle,
                  batch.id(),
                  batch.operation().code(),
                  batch.replace() ? REPLACE : 0,
                  priorityCode(batch.priority()),
                  batch.timeoutNanos(),
                  count,
                  paths.toByteArray(),
                  batch.objects().isEmpty() ? null : digests(batch.names()),
                  batch.operation() == NativeOperation.SET ? canonicalKeys(batch.names()) : null,
                  sizes,
                  buffers)
              == 0;
    } finally {
      use.readLock().unlock();
    }
  }

  private static byte[] digests(List<NativeName> names) {
    byte[] digests = new byte[names.size() * KeyDigest.BYTES];
    for (int i = 0; i < names.size(); i++) {
      System.arraycopy(names.get(i).digest(), 0, digests, i * KeyDigest.BYTES, KeyDigest.BYTES);
    }
    return digests;
  }

  private static byte @Nullable [] canonicalKeys(List<NativeName> names) {
    ByteArrayOutputStream keys = null;
    for (NativeName name : names) {
      if (name.canonicalKey() != null && keys == null) {
        keys = new ByteArrayOutputStream();
      }
    }
    if (keys == null) {
      return null;
    }
    for (NativeName name : names) {
      if (name.canonicalKey() != null) {
        keys.writeBytes(name.canonicalKey());
      }
      keys.write(0);
    }
    return keys.toByteArray();
  }

  private static int priorityCode(Priority priority) {
    return switch (priority) {
      case HIGH -> 0;
      case NORMAL -> 1;
      case LOW -> 2;
    };
  }

  @Override
  public boolean drain(Completions completions) {
    int words = NativeCalls.drain(handle, results);
    while (words < 0) {
      results = new long[-words];
      words = NativeCalls.drain(handle, results);
    }
    for (int at = 0; at < words; ) {
      long batch = results[at];
      int items = (int) results[at + 1];
      completions.completed(batch, results, at + 2, items);
      at += 2 + 2 * items;
    }
    return words > 0;
  }

  @Override
  public int cancelQueued() {
    use.readLock().lock();
    try {
      return handle == 0 ? 0 : NativeCalls.cancelQueued(handle);
    } finally {
      use.readLock().unlock();
    }
  }

  @Override
  public int running() {
    return (int) counts()[1];
  }

  private long[] counts() {
    long[] counts = new long[NativeCalls.COUNTS];
    use.readLock().lock();
    try {
      if (handle != 0) {
        NativeCalls.counts(handle, counts);
      }
      return counts;
    } finally {
      use.readLock().unlock();
    }
  }

  @Override
  public void stop() {
    use.readLock().lock();
    try {
      if (handle != 0) {
        NativeCalls.stop(handle);
      }
    } finally {
      use.readLock().unlock();
    }
  }

  @Override
  public void destroy() {
    use.writeLock().lock();
    try {
      if (handle != 0) {
        NativeCalls.destroy(handle);
        handle = 0;
      }
    } finally {
      use.writeLock().unlock();
    }
    try {
      directory.close();
    } catch (IOException e) {
      log.warn("{} could not be given back: {}", directory.base(), e.toString(), e);
    }
  }

  @Override
  public L2Error describe(NativeOperation operation, ObjectKey key, NativeStep step, int errno) {
    String path;
    try {
      path = directory.base() + "/" + directory.name(key).path();
    } catch (UnsupportedKeyException e) {
      path = directory.base() + " (" + key + ")";
    }
    return NativeErrors.error(step, path, errno);
  }

  @Override
  public Callable<KeyPage> page(ListRequest request) {
    String cursor = request.cursor();
    if (cursor != null) {
      directory.checkCursor(cursor);
    }
    return () -> directory.page(request);
  }

  @Override
  public void forEach(Consumer<StoredObject> visitor) throws IOException {
    directory.forEach(visitor);
  }

  @Override
  public boolean exclusive() {
    return directory.exclusive();
  }

  @Override
  public Condition condition() {
    return counts()[NativeCalls.COUNTS - 1] == 0
        ? Condition.OK
        : new Condition(
            Health.DEGRADED,
            "more than 16 corrupt files in 60 s: they are kept, since it may be bad memory or a bug");
  }

  @Override
  public Map<String, String> details() {
    long[] counts = counts();
    Map<String, String> details = directory.details();
    details.put("checksum", config.checksum().name().toLowerCase(Locale.ROOT));
    details.put("num_workers", Integer.toString(config.numWorkers()));
    details.put("queued", Long.toString(counts[0]));
    details.put("running", Long.toString(counts[1]));
    for (int i = 0; i < FINDINGS.size(); i++) {
      details.put(FINDINGS.get(i), Long.toString(counts[2 + i]));
    }
    details.put("library", NativeLibrary.origin());
    return details;
  }
}
