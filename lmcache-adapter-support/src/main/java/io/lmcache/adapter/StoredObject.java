// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.ObjectKey;
import java.time.Instant;

/**
 * An object that is there, as a walk over the storage found it.
 *
 * @param key its name
 * @param sizeBytes its exact size
 * @param lastModified when it was published; {@link Instant#EPOCH} if the storage does not know
 */
public record StoredObject(ObjectKey key, long sizeBytes, Instant lastModified) {}
