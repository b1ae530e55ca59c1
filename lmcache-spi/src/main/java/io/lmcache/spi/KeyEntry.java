// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

/**
 * One key of a listing.
 *
 * @param key the key
 * @param sizeBytes the object's size in bytes
 */
public record KeyEntry(ObjectKey key, long sizeBytes) {}
