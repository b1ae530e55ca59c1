// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.Hit;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.ObjectKey;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What an adapter knows of its objects: which are there, how large they are, which are being
 * deleted. The one owner of what is counted and told.
 *
 * <p>Of a storage that others change too, it only remembers what the answers said, so that an
 * object is counted once. Of an {@linkplain Backend#exclusive exclusive} one it is the truth, once
 * everything that was there before has been found: {@link #complete}.
 *
 * <p><b>States of a key</b>, as docs/directory-format.md has them: ABSENT is no entry; STORING is a
 * store's place in the {@link KeyGate}; PRESENT and DELETING are states of the {@link Entry}. An
 * entry is compared by identity: an object stored anew is another one, so a late answer about the
 * old one cannot remove the new one.
 *
 * <p><b>Threads.</b> Any. Each change of a key is one step, with its effect on the accounting.
 * Changes to one key are made while its gate is held, except for what is found by a scan or turns
 * out to be gone.
 */
final class ObjectIndex {

  /** One object. */
  static final class Entry implements Hit {

    private static final long MAX_PADDING = 65_536;
    private static final byte PRESENT = 0;
    private static final byte DELETING = 1;
    private static final byte REMOVED = 2;

    private final long sizeBytes;
    private volatile byte state = PRESENT;
    private boolean announced;
    private volatile boolean confirmed;

    private Entry(long sizeBytes, boolean announced) {
      this.sizeBytes = sizeBytes;
      this.announced = announced;
    }

    @Override
    public long sizeBytes() {
      return sizeBytes;
    }

    @Override
    public boolean sizeExact() {
      return true;
    }

    /** The storage was asked for the size in the key's turn. */
    void confirm() {
      confirmed = true;
    }

    /**
     * Whether so many bytes may be the payload of a file that upstream padded, whose size is sure:
     * then nothing is wrong, and nobody need ask again.
     */
    boolean isConfirmedPadding(long bytes) {
      long padding = sizeBytes - bytes;
      return confirmed && padding > 0 && padding < MAX_PADDING && sizeBytes % 512 == 0;
    }

    /** Whether it is there and nobody deletes it. */
    boolean isPresent() {
      return state == PRESENT;
    }

    /** Whether the listener has heard of it; guarded by the flow's lock on effects. */
    boolean announced() {
      return announced;
    }

    /** The listener is about to hear of it; false if it has already. */
    boolean announce() {
      boolean first = !announced;
      announced = true;
      return first;
    }
  }

  /**
   * The keys are spread over so many maps, and never move, so that a walk can go through them in
   * order and need sort only one of them at a time.
   */
  static final int SHARDS = 1024;

  private final AtomicReferenceArray<ConcurrentHashMap<ObjectKey, Entry>> shards =
      new AtomicReferenceArray<>(SHARDS);

  /** How many removals there were in each shard. */
  private final AtomicIntegerArray removals = new AtomicIntegerArray(SHARDS);

  private final Accounting accounting;
  private volatile @Nullable Set<ObjectKey> touched;
  private volatile boolean complete;

  ObjectIndex(Accounting accounting) {
    this.accounting = accounting;
  }

  /** The shard of a key; never another one. */
  static int shardOf(ObjectKey key) {
    return (key.hashCode() * 0x9E3779B9) >>> 22;
  }

  @Nullable ConcurrentHashMap<ObjectKey, Entry> shard(int number) {
    return shards.get(number);
  }

  private ConcurrentHashMap<ObjectKey, Entry> shardFor(ObjectKey key) {
    int number = shardOf(key);
    ConcurrentHashMap<ObjectKey, Entry> shard = shards.get(number);
    if (shard == null) {
      shards.compareAndSet(number, null, new ConcurrentHashMap<>());
      shard = shards.get(number);
    }
    return shard;
  }

  /** What is known of the key now. */
  @Nullable Entry get(ObjectKey key) {
    ConcurrentHashMap<ObjectKey, Entry> shard = shards.get(shardOf(key));
    return shard == null ? null : shard.get(key);
  }

  /**
   * An object was stored, and the listener is told of it.
   *
   * @return what was known before
   */
  @Nullable Entry put(ObjectKey key, long sizeBytes) {
    return enter(key, sizeBytes, true);
  }

  /**
   * An object turned out to be there, and the listener is told of it.
   *
   * @return what was known before
   */
  @Nullable Entry found(ObjectKey key, long sizeBytes) {
    return enter(key, sizeBytes, false);
  }

  private @Nullable Entry enter(ObjectKey key, long sizeBytes, boolean ours) {
    @Nullable Entry[] before = new Entry[1];
    shardFor(key)
        .compute(
            key,
            (k, old) -> {
              before[0] = old;
              if (old == null) {
                accounting.changed(k, sizeBytes, 1, ours);
              } else {
                old.state = Entry.REMOVED;
                accounting.changed(k, sizeBytes - old.sizeBytes, 0, ours);
              }
              return new Entry(sizeBytes, true);
            });
    return before[0];
  }

  /**
   * An object was removed.
   *
   * @return what was known of it
   */
  @Nullable Entry remove(ObjectKey key) {
    return removeIf(key, null, true);
  }

  /**
   * An object turned out not to be there.
   *
   * @param seen what was known when the question was asked
   * @return whether that was still the last word
   */
  boolean gone(ObjectKey key, Entry seen) {
    return removeIf(key, seen, false) == seen;
  }

  /**
   * The same, whatever was known.
   *
   * @return what that was
   */
  @Nullable Entry gone(ObjectKey key) {
    return removeIf(key, null, false);
  }

  private @Nullable Entry removeIf(ObjectKey key, @Nullable Entry expected, boolean ours) {
    @Nullable Entry[] removed = new Entry[1];
    shardFor(key)
        .compute(
            key,
            (k, old) -> {
              if (expected != null && old != expected) {
                return old;
              }
              touch(k);
              if (old != null) {
                old.state = Entry.REMOVED;
                accounting.changed(k, -old.sizeBytes, -1, ours);
                removed[0] = old;
              }
              return null;
            });
    return removed[0];
  }

  /** An object that nobody knew of is gone: what was seen of it before counts no more. */
  void goneUnknown(ObjectKey key) {
    shardFor(key)
        .compute(
            key,
            (k, entry) -> {
              touch(k);
              return entry;
            });
  }

  private void touch(ObjectKey key) {
    removals.incrementAndGet(shardOf(key));
    Set<ObjectKey> scan = touched;
    if (scan != null) {
      scan.add(key);
    }
  }

  /**
   * Changes with each removal of this key, and now and then without one. No entry before a call to
   * the storage and none after it does not mean that none was removed meanwhile; this tells.
   */
  int removals(ObjectKey key) {
    return removals.get(shardOf(key));
  }

  /** A delete is about to begin; until {@link #spared} or removal the entry is no hit. */
  @Nullable Entry deleting(ObjectKey key) {
    return shardFor(key)
        .computeIfPresent(
            key,
            (k, entry) -> {
              entry.state = Entry.DELETING;
              return entry;
            });
  }

  /** The delete did not remove it. Under the same gate as {@link #deleting}. */
  void spared(ObjectKey key, @Nullable Entry marked) {
    shardFor(key)
        .computeIfPresent(
            key,
            (k, entry) -> {
              if (entry == marked) {
                entry.state = Entry.PRESENT;
              }
              return entry;
            });
  }

  /** From now on removals are remembered, so that a scan does not bring back what is gone. */
  void beginScan() {
    touched = ConcurrentHashMap.newKeySet();
  }

  /** Whether a scan is under way. */
  boolean scanning() {
    return touched != null;
  }

  /**
   * A scan met an object.
   *
   * @return the new entry, which the listener has not heard of; null if the key was known, or
   *     removed since the scan began
   */
  @Nullable Entry adopt(ObjectKey key, long sizeBytes) {
    @Nullable Entry[] adopted = new Entry[1];
    shardFor(key)
        .computeIfAbsent(
            key,
            k -> {
              Set<ObjectKey> scan = touched;
              if (scan != null && scan.contains(k)) {
                return null;
              }
              adopted[0] = new Entry(sizeBytes, false);
              accounting.changed(k, sizeBytes, 1, false);
              return adopted[0];
            });
    return adopted[0];
  }

  /**
   * The scan is over.
   *
   * @param everythingFound whether it met all there is
   */
  void endScan(boolean everythingFound) {
    touched = null;
    complete |= everythingFound;
  }

  /** Whether a scan has met all there is. */
  boolean complete() {
    return complete;
  }

  /** Visits all entries; what changes meanwhile is met or not. */
  void forEach(BiConsumer<ObjectKey, Entry> visitor) {
    for (int i = 0; i < SHARDS; i++) {
      ConcurrentHashMap<ObjectKey, Entry> shard = shards.get(i);
      if (shard != null) {
        shard.forEach(visitor);
      }
    }
  }

  /**
   * A page of the objects that are there.
   *
   * @throws IllegalArgumentException if the cursor is not one of {@link IndexPages}
   */
  KeyPage page(ListRequest request) {
    return IndexPages.page(this, request);
  }
}
