// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import io.lmcache.adapter.BlockingStorage;
import io.lmcache.adapter.Condition;
import io.lmcache.adapter.StorageException;
import io.lmcache.adapter.StoredObject;
import io.lmcache.l2.fs.Checksum;
import io.lmcache.l2.fs.Effect;
import io.lmcache.l2.fs.FileIdentity;
import io.lmcache.l2.fs.FileMode;
import io.lmcache.l2.fs.KeyDigest;
import io.lmcache.l2.fs.ObjectAttribute;
import io.lmcache.l2.fs.ObjectDirectory;
import io.lmcache.l2.fs.RemovalLimit;
import io.lmcache.l2.fs.UnsupportedKeyException;
import io.lmcache.l2.fs.Verdict;
import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.Health;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Retry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The storage of {@code fs_java}: a directory of files, in the format that all file adapters share.
 *
 * <p>Each call opens a file of its own and closes it again, so calls share nothing but the file
 * system, the counters and the locks of {@link Removals}. A worker must not be interrupted: that
 * would close its channel under it.
 */
final class FsJavaStorage implements BlockingStorage {

  private final ObjectDirectory directory;
  private final FsJavaConfig config;
  private final FileSystemFeatures features;
  private final ObjectPaths paths;
  private final DirectIo direct;
  private final Counters counters;
  private final Inspector inspector;
  private final Removals removals;
  private final ObjectReader reader;
  private final ObjectWriter writer;
  private final AdapterLimits limits;

  /**
   * A storage over a directory that is open.
   *
   * @param directory the storage closes it
   * @param calls the file system, or what a test puts before it
   * @param names of files that are being written
   */
  FsJavaStorage(
      ObjectDirectory directory,
      FsJavaConfig config,
      FileSystemFeatures features,
      FileCalls calls,
      StagingNames names,
      DirectIo direct,
      Counters counters,
      RemovalLimit removalLimit) {
    this.directory = directory;
    this.config = config;
    this.features = features;
    this.paths = new ObjectPaths(directory.base());
    this.direct = direct;
    this.counters = counters;
    AttributeAccess attributes = new AttributeAccess(calls, features);
    this.inspector = new Inspector(attributes, features);
    this.removals = new Removals(inspector, removalLimit);
    Integer readAhead = config.readAheadSize();
    this.reader =
        new ObjectReader(
            calls,
            inspector,
            removals,
            direct,
            counters,
            config.checksum() == Checksum.CRC32C,
            readAhead == null ? 0 : readAhead);
    this.writer =
        new ObjectWriter(
            new StagingFile.Manner(
                calls,
                features,
                attributes,
                direct,
                FileMode.permissions(config.fileMode()),
                config.checksum(),
                config.fsync()),
            inspector,
            removals,
            directory.base(),
            names,
            FileMode.permissions(config.dirMode()));
    this.limits =
        new AdapterLimits(
            AdapterLimits.MAX_OBJECT_BYTES,
            AdapterLimits.MAX_KEYS_PER_REQUEST,
            directory.maxKeyBytes(),
            direct.unit(),
            direct.unit(),
            Set.of());
  }

  @Override
  public AdapterLimits limits() {
    return limits;
  }

  private Place place(ObjectKey key) throws StorageException {
    try {
      return Place.of(key, directory.name(key), paths);
    } catch (UnsupportedKeyException e) {
      throw unsupported(e);
    }
  }

  @Override
  public void requireSupported(ObjectKey key) throws StorageException {
    try {
      directory.name(key);
    } catch (UnsupportedKeyException e) {
      throw unsupported(e);
    }
  }

  private static StorageException unsupported(UnsupportedKeyException e) {
    String reason = String.valueOf(e.getMessage());
    return new StorageException(L2Error.of(L2ErrorCode.UNSUPPORTED_KEY, Retry.NEVER, reason), e);
  }

  /** What stands in place of the directory that was opened is another one's. */
  private void requireDirectory(String operation, Place place) throws StorageException {
    if (directory.isGone()) {
      throw FileErrors.ofAnotherDirectory(operation, place.path());
    }
  }

  @Override
  public void put(ObjectKey key, MemoryObject object) throws IOException {
    Place place = place(key);
    requireDirectory("create staging file for", place);
    writer.store(place, object);
  }

  @Override
  public LoadOutcome get(ObjectKey key, MemoryObject object) throws IOException {
    Place place = place(key);
    try {
      return reader.load(place, object);
    } catch (IOException e) {
      throw FileErrors.of("load", place.path(), e);
    }
  }

  @Override
  public boolean holds(ObjectKey key, MemoryObject object) throws IOException {
    Place place = place(key);
    try {
      Inspector.Found found = inspector.inspect(place.path());
      if (found == null || !found.identity().isRegular()) {
        return false;
      }
      Verdict.Standing standing =
          Verdict.Standing.judge(
              object.sizeBytes(),
              found.identity().sizeBytes(),
              found.attribute(),
              KeyDigest.of(key));
      if (standing != Verdict.Standing.ALREADY_PRESENT
          || removals.isKept(place.path(), found.identity())) {
        return false;
      }
      return isDurable(place.path(), found.identity());
    } catch (IOException e) {
      throw FileErrors.of("look for", place.path(), e);
    }
  }

  /** False if it is gone, or another one. */
  private boolean isDurable(Path path, FileIdentity identity) throws IOException {
    try {
      writer.ensureDurable(path, identity);
      return true;
    } catch (IOException e) {
      if (Inspector.isReplaced(e)) {
        return false;
      }
      throw FileErrors.of("sync", path, e);
    }
  }

  @Override
  public OptionalLong stat(ObjectKey key) throws IOException {
    Place place = place(key);
    try {
      FileIdentity identity = inspector.identity(place.path());
      if (identity == null
          || !identity.isRegular()
          || removals.isKept(place.path(), identity)
          || (identity.sizeBytes() == 0 && features.attributes() && !isWholeWithoutBytes(place))) {
        return OptionalLong.empty();
      }
      return OptionalLong.of(identity.sizeBytes());
    } catch (IOException e) {
      throw FileErrors.of("look for", place.path(), e);
    }
  }

  /** Of a file without a byte only its attribute tells an object from what a crash leaves. */
  private boolean isWholeWithoutBytes(Place place) throws IOException {
    ObjectAttribute.State attribute = inspector.attributeOf(place.path());
    return attribute == ObjectAttribute.State.MALFORMED
        || attribute instanceof ObjectAttribute.State.Present;
  }

  @Override
  public boolean remove(ObjectKey key) throws IOException {
    Place place = place(key);
    try {
      Inspector.Found found = inspector.inspect(place.path());
      if (found == null || found.isForeign()) {
        return false;
      }
      requireDirectory("remove", place);
      return removals.remove(place.path());
    } catch (IOException e) {
      throw FileErrors.of("remove", place.path(), e);
    }
  }

  @Override
  public KeyPage page(ListRequest request) throws IOException {
    return directory.page(request);
  }

  @Override
  public void checkCursor(String cursor) {
    directory.checkCursor(cursor);
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
    return removals.tripped()
        ? new Condition(
            Health.DEGRADED,
            "more than "
                + RemovalLimit.REMOVALS
                + " corrupt files within 60 s; further ones are kept, see corrupt_kept")
        : Condition.OK;
  }

  @Override
  public Map<String, String> details() {
    Map<String, String> details = new LinkedHashMap<>(directory.details());
    details.put("num_workers", Integer.toString(config.numWorkers()));
    details.put("odirect", direct.line());
    Integer readAhead = config.readAheadSize();
    if (readAhead != null) {
      details.put(
          "read_ahead_size", Effect.readAhead(readAhead, direct.effective(), config.useOdirect()));
    }
    details.put("max_capacity_gb", Effect.capacity(config.maxCapacityGb()));
    details.put("checksum", Effect.checksum(config.checksum(), directory));
    details.put("fsync", Effect.fsync(config.fsync(), directory));
    details.put("file_mode", features.mode(config.fileMode()));
    details.put("dir_mode", features.mode(config.dirMode()));
    counters.addTo(details);
    return details;
  }

  @Override
  public void close() throws IOException {
    directory.close();
  }
}
