// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

/**
 * One object to store.
 *
 * @param key its name
 * @param object its bytes, only read
 */
public record StoreItem(ObjectKey key, MemoryObject object) {}
