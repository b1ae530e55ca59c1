// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import io.lmcache.l2.fs.KeyDigest;
import io.lmcache.l2.fs.ObjectName;
import io.lmcache.spi.ObjectKey;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where the object of a key belongs.
 *
 * @param key the key
 * @param path its file
 * @param named whether the name tells the key; otherwise the file must
 */
record Place(ObjectKey key, Path path, boolean named) {

  static Place of(ObjectKey key, ObjectName name, ObjectPaths paths) {
    return new Place(key, paths.of(name), !name.digest());
  }

  /** What binds the file to the key. */
  byte[] digest() {
    return KeyDigest.of(key);
  }

  /** The key's canonical form, if the file must tell it. */
  @Nullable String canonicalKey() {
    return named ? null : key.toString();
  }
}
