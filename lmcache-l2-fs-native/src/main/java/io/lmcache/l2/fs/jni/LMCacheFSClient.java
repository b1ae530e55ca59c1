// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.adapter.Condition;
import io.lmcache.adapter.StoredObject;
import io.lmcache.l2.fs.DiskGuard;
import io.lmcache.l2.fs.Effect;
import io.lmcache.l2.fs.KeyDigest;
import io.lmcache.l2.fs.ObjectDirectory;
import io.lmcache.l2.fs.ObjectName;
import io.lmcache.l2.fs.RawPaths;
import io.lmcache.l2.fs.UnsupportedKeyException;
import io.lmcache.l2.fs.UseOdirect;
import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.Health;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Priority;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
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

  private static final int FIRST_RESULT_WORDS = 2 + 2 * 1024;
  private static final Logger log = LoggerFactory.getLogger(LMCacheFSClient.class);

  private final ObjectDirectory directory;
  private final FsNativeConfig config;
  private final NativeOpening opening;
  private final DirectReport report;
  private final @Nullable DiskGuard guard;
  private final String adapter;
  private final Set<NativeFallback> logged = EnumSet.noneOf(NativeFallback.class);
  private final ReadWriteLock use = new ReentrantReadWriteLock();
  private long handle;
  private long[] results = new long[FIRST_RESULT_WORDS];

  private LMCacheFSClient(
      ObjectDirectory directory,
      FsNativeConfig config,
      NativeOpening opening,
      DirectReport report,
      @Nullable DiskGuard guard,
      String adapter,
      long handle) {
    this.directory = directory;
    this.config = config;
    this.opening = opening;
    this.report = report;
    this.guard = guard;
    this.adapter = adapter;
    this.handle = handle;
  }

  /**
   * Opens the directory, finds out about direct I/O, and starts the threads.
   *
   * <p>In an examination, direct I/O that is required and not there is told of in status, so that
   * who looks sees the rest too.
   *
   * @param guard is the client's, and closed with it; null if there is none
   * @param context names the adapter in log messages
   * @throws IOException if any of it fails; nothing is left behind, and the guard is the caller's
   */
  static LMCacheFSClient open(
      ObjectDirectory directory,
      FsNativeConfig config,
      @Nullable DiskGuard guard,
      L2AdapterContext context)
      throws IOException {
    long[] words = new long[NativeOpening.WORDS];
    UseOdirect wanted = config.useOdirect();
    long handle = open(directory, config, wanted, words);
    boolean refused =
        handle == 0 && context.examination() && NativeOpening.of(words).refusesDirect();
    if (refused) {
      handle = open(directory, config, UseOdirect.ON, words);
    }
    NativeOpening opening = NativeOpening.of(words);
    DirectReport direct = new DirectReport(directory, wanted, refused);
    if (handle == 0) {
      throw new IOException(
          switch (opening.step()) {
            case PROBE -> direct.refusal(opening);
            case OPEN_STAGING ->
                NativeErrors.text(opening.step(), directory.staging().toString(), opening.errno());
            default ->
                NativeErrors.text(opening.step(), directory.base().toString(), opening.errno());
          });
    }
    String adapter = context.name();
    String warning = direct.warning(opening);
    if (warning != null) {
      log.warn("{}: {}", adapter, warning);
    }
    String confirmation = direct.confirmation(opening);
    if (confirmation != null) {
      log.info("{}: {}", adapter, confirmation);
    }
    return new LMCacheFSClient(directory, config, opening, direct, guard, adapter, handle);
  }

  private static long open(
      ObjectDirectory directory, FsNativeConfig config, UseOdirect odirect, long[] words) {
    return NativeCalls.open(
        RawPaths.bytes(directory.base()),
        RawPaths.bytes(directory.staging()),
        directory.stagingPrefix().getBytes(StandardCharsets.UTF_8),
        NativeOptions.words(config, odirect, directory.attributes()),
        words);
  }

  /** What is known of direct I/O by now. */
  private NativeOpening settled() {
    use.readLock().lock();
    try {
      return handle == 0 ? opening : opening.settled(NativeCalls.direct(handle));
    } finally {
      use.readLock().unlock();
    }
  }

  /** As it was known first: what was told of alignments stays. */
  private boolean direct() {
    return config.useOdirect() != UseOdirect.OFF && opening.effective();
  }

  @Override
  public AdapterLimits limits() {
    return new AdapterLimits(
        AdapterLimits.MAX_OBJECT_BYTES,
        AdapterLimits.MAX_KEYS_PER_REQUEST,
        directory.maxKeyBytes(),
        direct() ? (int) opening.memoryAlignment() : 1,
        direct() ? (int) opening.lengthAlignment() : 1,
        Set.of());
  }

  @Override
  public NativeName name(ObjectKey key) throws UnsupportedKeyException {
    ObjectName name = directory.name(key);
    return new NativeName(name.path(), key, !name.digest());
  }

  @Override
  public boolean submit(NativeBatch batch) {
    int count = batch.names().size();
    ByteArrayOutputStream paths = new ByteArrayOutputStream(count * 96);
    for (NativeName name : batch.names()) {
      paths.writeBytes(name.path().getBytes(StandardCharsets.UTF_8));
      paths.write(0);
    }
    long @Nullable [] sizes = null;
    ByteBuffer @Nullable [] buffers = null;
    if (!batch.objects().isEmpty()) {
      sizes = batch.objects().stream().mapToLong(object -> object.sizeBytes()).toArray();
      buffers = batch.objects().stream().map(o -> o.physical()).toArray(ByteBuffer[]::new);
    }
    int answer = NativeCalls.STOPPED;
    use.readLock().lock();
    try {
      if (handle != 0) {
        answer =
            NativeCalls.submit(
                handle,
                batch.id(),
                batch.operation().code(),
                flags(batch),
                priorityCode(batch.priority()),
                batch.timeoutNanos(),
                count,
                paths.toByteArray(),
                batch.objects().isEmpty() ? null : digests(batch.names()),
                batch.operation() == NativeOperation.SET ? canonicalKeys(batch.names()) : null,
                sizes,
                buffers);
      }
    } finally {
      use.readLock().unlock();
    }
    return switch (answer) {
      case 0 -> true;
      case NativeCalls.STOPPED -> false;
      case NativeCalls.NO_MEMORY ->
          throw new OutOfMemoryError("no native memory for a batch of " + count + " keys");
      default -> throw new IllegalStateException("the native client takes no such batch");
    };
  }

  private static int flags(NativeBatch batch) {
    return (batch.replace() ? NativeCalls.REPLACE : 0)
        | (batch.deletesFirst() ? NativeCalls.DELETES_FIRST : 0);
  }

  /** A hash of each key; lookups and deletes do without. */
  private static byte[] digests(List<NativeName> names) {
    byte[] digests = new byte[names.size() * KeyDigest.BYTES];
    for (int i = 0; i < names.size(); i++) {
      byte[] digest = KeyDigest.of(names.get(i).key());
      System.arraycopy(digest, 0, digests, i * KeyDigest.BYTES, KeyDigest.BYTES);
    }
    return digests;
  }

  private static byte @Nullable [] canonicalKeys(List<NativeName> names) {
    if (names.stream().allMatch(NativeName::pathTellsKey)) {
      return null;
    }
    ByteArrayOutputStream keys = new ByteArrayOutputStream();
    for (NativeName name : names) {
      if (!name.pathTellsKey()) {
        keys.writeBytes(name.key().toString().getBytes(StandardCharsets.UTF_8));
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
    return (int) count("running");
  }

  private long count(String name) {
    return counts()[NativeCalls.COUNTS.indexOf(name)];
  }

  private long[] counts() {
    long[] counts = new long[NativeCalls.COUNTS.size()];
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
    if (guard != null) {
      guard.close();
    }
    try {
      directory.close();
    } catch (IOException e) {
      log.warn("{} could not be given back: {}", directory.base(), e.toString(), e);
    }
  }

  @Override
  public L2Error describe(
      NativeOperation operation, ObjectKey key, NativeStep step, int errno, long detail) {
    String path = path(key);
    return switch (step) {
      case MISALIGNED ->
          NativeErrors.misaligned(operation, path, detail, opening.memoryAlignment());
      case LENGTH_NOT_DIRECT ->
          NativeErrors.lengthNotDirect(operation, path, detail, opening.lengthAlignment());
      case NOT_DIRECT -> NativeErrors.notDirect(operation, path, errno);
      case PROBE -> NativeErrors.direct(operation, path, report.failure(settled()));
      default -> NativeErrors.error(step, path, errno);
    };
  }

  private String path(ObjectKey key) {
    try {
      return directory.base() + "/" + directory.name(key).path();
    } catch (UnsupportedKeyException e) {
      return directory.base() + " (" + key + ")";
    }
  }

  @Override
  public void fellBack(ObjectKey key, NativeFallback why, int errno) {
    // That the file system does not do it was said at open, unless it turned out later.
    boolean first;
    synchronized (logged) {
      first = (why != NativeFallback.FILE_SYSTEM || direct()) && logged.add(why);
    }
    if (!first) {
      return;
    }
    if (why == NativeFallback.FILE_SYSTEM) {
      log.warn("{}: {}", adapter, report.warning(settled()));
      return;
    }
    log.warn(
        "{}: {}: not direct, and neither will be others like it: {}",
        adapter,
        path(key),
        why == NativeFallback.LENGTH
            ? "its length is no multiple of "
                + opening.lengthAlignment()
                + " and its buffer has no padding up to one; raise --l1-align-bytes"
            : "refused with " + NativeCalls.errnoName(errno));
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
    return count("removal_tripped") == 0
        ? Condition.OK
        : new Condition(
            Health.DEGRADED,
            "more than 16 corrupt files in 60 s: they are kept, since it may be bad memory or a bug");
  }

  private String readDepth() {
    int readers = config.readIoDepth();
    return readers > 0 ? Integer.toString(readers) : "0: the workers load, " + config.numWorkers();
  }

  @Override
  public Map<String, String> details() {
    Map<String, String> details = directory.details();
    NativeOpening settled = settled();
    report.addTo(details, settled);
    Integer readAhead = config.readAheadSize();
    if (readAhead != null) {
      details.put(
          "read_ahead_size",
          Effect.readAhead(readAhead, direct() && settled.effective(), config.useOdirect()));
    }
    details.put("max_capacity_gb", Effect.capacity(config.maxCapacityGb()));
    details.put("checksum", Effect.checksum(config.checksum(), directory));
    details.put("crc32c", NativeCalls.crc32cWay());
    details.put("fsync", Effect.fsync(config.fsync(), directory));
    details.put("file_mode", config.fileMode());
    details.put("dir_mode", config.dirMode());
    details.put("num_workers", Integer.toString(config.numWorkers()));
    details.put("read_io_depth", readDepth());
    details.put("read_max_bytes_in_flight", Long.toString(config.readWindowBytes()));
    if (guard != null) {
      guard.addTo(details);
    }
    long[] counts = counts();
    for (int i = 0; i < counts.length - 1; i++) {
      details.put(NativeCalls.COUNTS.get(i), Long.toString(counts[i]));
    }
    details.put("library", NativeLibrary.origin());
    return details;
  }
}
