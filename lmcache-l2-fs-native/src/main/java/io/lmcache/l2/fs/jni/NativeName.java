// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.spi.ObjectKey;

/**
 * What a connector needs to know of a key.
 *
 * @param path where the object is, relative to the directory
 * @param key the key itself
 * @param pathTellsKey whether the key can be told from the path
 */
record NativeName(String path, ObjectKey key, boolean pathTellsKey) {}
