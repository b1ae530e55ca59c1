// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.Feature;
import io.lmcache.spi.KeyEntry;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * A storage with blocking calls, one key each. {@link BlockingL2Adapter} makes a full adapter of
 * it.
 *
 * <p><b>Threads.</b> Calls come from the adapter's workers, several at a time, and pages from a
 * thread of their own. Of one key, at most one {@link #put} or {@link #remove} runs at a time;
 * {@link #get} runs beside any of them, {@link #stat} beside {@link #put}. A call may take as long
 * as it needs, it is not interrupted. {@link #limits}, {@link #checkCursor} and {@link #details}
 * run on callers' threads, also after {@link #close}, and do no I/O.
 *
 * <p><b>Memory.</b> An object's bytes may be touched from the beginning of a call to its return,
 * and at no other time.
 *
 * <p><b>Failure.</b> An {@link IOException} fails the one key, as {@link StorageException} says; a
 * {@code RuntimeException} or {@code Error} is taken for a defect and fails it with {@link
 * io.lmcache.spi.L2ErrorCode#INTERNAL}.
 */
public interface BlockingStorage extends AutoCloseable {

  /** What the storage can take; always the same, and enforced by the adapter. */
  default AdapterLimits limits() {
    return AdapterLimits.DEFAULT;
  }

  /**
   * Publishes an object, in place of one that may be there. Readers get the old object or the new
   * one, whole; after a failure what was there before is there as it was.
   *
   * @param object its bytes, only to be read
   */
  void put(ObjectKey key, MemoryObject object) throws IOException;

  /**
   * Reads an object of exactly the wanted size.
   *
   * @param object where its bytes go; undefined afterwards unless LOADED
   * @return {@link LoadOutcome#LOADED}; {@link LoadOutcome#NOT_FOUND}; {@link
   *     LoadOutcome#SIZE_MISMATCH} if its size is another one; {@link LoadOutcome#CORRUPT} if it
   *     fails its integrity check, after which {@link #stat} must not find it. Not {@link
   *     LoadOutcome#FAILED}: that is an exception.
   */
  LoadOutcome get(ObjectKey key, MemoryObject object) throws IOException;

  /** The exact size of an object; empty if it is not there. */
  OptionalLong stat(ObjectKey key) throws IOException;

  /**
   * Whether this very object is there, so that a store that says IF_ABSENT need not write it.
   * Unless overridden it compares sizes.
   *
   * @param object only its size matters, unless the storage knows better
   */
  default boolean holds(ObjectKey key, MemoryObject object) throws IOException {
    OptionalLong size = stat(key);
    return size.isPresent() && size.getAsLong() == object.sizeBytes();
  }

  /**
   * Removes an object.
   *
   * @return whether it was there
   */
  boolean remove(ObjectKey key) throws IOException;

  /**
   * One page of the keys that are there, as {@link io.lmcache.spi.L2Adapter#list} describes it.
   *
   * @throws IOException if the walk cannot go on; a page with an error says the same
   */
  KeyPage page(ListRequest request) throws IOException;

  /**
   * Refuses a cursor that {@link #page} cannot have made, before anything is read; rule LIST-4 of
   * the contract. Accepts all unless overridden.
   *
   * @throws IllegalArgumentException if it is not the storage's
   */
  default void checkCursor(String cursor) {}

  /**
   * Visits every object that is there, while the storage is in use: one that is there all the time
   * is met, one that comes or goes meanwhile may be met or not. Called on a thread of its own. What
   * the visitor throws ends the walk and is passed on. Unless overridden it walks the pages, which
   * know no ages; a storage that declines {@link Feature#LIST} then shows nothing.
   */
  default void forEach(Consumer<StoredObject> visitor) throws IOException {
    if (limits().declined().contains(Feature.LIST)) {
      return;
    }
    ListRequest request = ListRequest.first(1000);
    while (request != null) {
      KeyPage page = page(request);
      L2Error error = page.error();
      if (error != null) {
        throw new StorageException(error);
      }
      for (KeyEntry entry : page.entries()) {
        visitor.accept(new StoredObject(entry.key(), entry.sizeBytes(), Instant.EPOCH));
      }
      request = request.after(page);
    }
  }

  /**
   * Whether nobody else changes the storage while this adapter has it open. What the adapter knows
   * of it is the truth then: once {@link #forEach} has met all there is, lookups and listings are
   * answered without {@link #stat} and {@link #page}.
   */
  default boolean exclusive() {
    return false;
  }

  /** How it is doing, while the adapter is open; asked often, does no I/O. */
  default Condition condition() {
    return Condition.OK;
  }

  /**
   * Refuses a key that the storage can never hold, so that also a lookup which needs no {@link
   * #stat} says so. Runs on callers' threads, for every key, and does no I/O. Accepts all unless
   * overridden.
   *
   * @throws StorageException if it is refused; the key fails with its error
   */
  default void requireSupported(ObjectKey key) throws StorageException {}

  /** What an operator wants to know about it, in order of importance. */
  default Map<String, String> details() {
    return Map.of();
  }

  /**
   * Frees what the storage holds. Called once, after the last call has returned, however late that
   * is; also if the adapter could not be opened.
   */
  @Override
  void close() throws IOException;
}
