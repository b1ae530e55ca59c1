// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Retry;
import java.io.IOException;
import java.util.OptionalLong;

/**
 * Turns one item into calls of a {@link BlockingStorage}, and what they answer or throw into the
 * item's result. For one worker; it remembers the last answer, so that an item allocates nothing.
 */
final class StorageCalls {

  private final BlockingStorage storage;
  private String call = "";
  private long sizeBytes;

  StorageCalls(BlockingStorage storage) {
    this.storage = storage;
  }

  /** Does what the item asks for: its {@link Outcome}, or the {@link L2Error} it failed with. */
  Object perform(Batch<ObjectKey> batch, int k) {
    ObjectKey key = batch.key(k);
    sizeBytes = 0;
    try {
      return switch (batch.operation()) {
        case STORE -> store(key, batch.objects().get(k), batch.replace());
        case LOAD -> load(key, batch.objects().get(k));
        case LOOKUP -> stat(key) ? Outcome.FOUND : Outcome.NOT_FOUND;
        case DELETE -> remove(key);
      };
    } catch (Throwable t) {
      // Whatever it is: the item must end, and the worker go on.
      return StorageErrors.of(call, key, t);
    }
  }

  /** The size of the object that was FOUND. */
  long sizeBytes() {
    return sizeBytes;
  }

  private Outcome store(ObjectKey key, MemoryObject object, boolean replace) throws IOException {
    // Under the key's gate no other store or delete of this adapter comes between the two calls.
    if (!replace && holds(key, object)) {
      return Outcome.ALREADY_PRESENT;
    }
    call = "put";
    storage.put(key, object);
    return Outcome.STORED;
  }

  private Object load(ObjectKey key, MemoryObject object) throws IOException {
    call = "get";
    LoadOutcome outcome = storage.get(key, object);
    return switch (outcome) {
      case LOADED -> Outcome.LOADED;
      case NOT_FOUND -> Outcome.NOT_FOUND;
      case SIZE_MISMATCH -> Outcome.SIZE_MISMATCH;
      case CORRUPT -> Outcome.CORRUPT;
      case FAILED ->
          L2Error.of(
              L2ErrorCode.INTERNAL,
              Retry.NEVER,
              call + " " + key + ": the storage answered FAILED and not with an exception");
    };
  }

  private boolean holds(ObjectKey key, MemoryObject object) throws IOException {
    call = "stat";
    return storage.holds(key, object);
  }

  private boolean stat(ObjectKey key) throws IOException {
    call = "stat";
    OptionalLong size = storage.stat(key);
    if (size.isEmpty()) {
      return false;
    }
    sizeBytes = size.getAsLong();
    if (sizeBytes < 0) {
      throw new IllegalStateException("the storage answered " + sizeBytes + " bytes");
    }
    return true;
  }

  private Outcome remove(ObjectKey key) throws IOException {
    call = "remove";
    return storage.remove(key) ? Outcome.DELETED : Outcome.ABSENT;
  }
}
