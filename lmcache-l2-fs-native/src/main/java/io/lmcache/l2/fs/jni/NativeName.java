// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import org.jspecify.annotations.Nullable;

/**
 * What a connector needs to know of a key.
 *
 * @param path where the object is, relative to the directory, in UTF-8
 * @param digest what binds the object to its key, 16 bytes
 * @param canonicalKey the key in UTF-8 if the path does not tell it; null if it does
 */
@SuppressWarnings("ArrayRecordComponent") // Made and read in one place each, never compared.
record NativeName(byte[] path, byte[] digest, byte @Nullable [] canonicalKey) {}
