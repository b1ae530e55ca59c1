// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import io.lmcache.spi.ObjectKey;
import java.time.Instant;

/**
 * An object's file, as a walk of the directory found it.
 *
 * @param key the key that the name stands for
 * @param sizeBytes the file's length
 * @param lastModified when it was published
 */
public record StoredObject(ObjectKey key, long sizeBytes, Instant lastModified) {}
