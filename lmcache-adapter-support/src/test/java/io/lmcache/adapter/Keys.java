// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.ObjectKey;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;

/** Keys for tests. */
final class Keys {

  private Keys() {}

  /** The n-th key; a new object with each call, equal for equal n. */
  static ObjectKey key(int n) {
    return salted(n, "");
  }

  /** The n-th key of a salt. */
  static ObjectKey salted(int n, String salt) {
    return ObjectKey.of(ByteBuffer.allocate(4).putInt(n).array(), "model", 0x01000100L, 0, salt);
  }

  /** The keys of these numbers. */
  static List<ObjectKey> keys(int... numbers) {
    return IntStream.of(numbers).mapToObj(Keys::key).toList();
  }

  /** The number of a key. */
  static int number(ObjectKey key) {
    return ByteBuffer.wrap(key.chunkHash()).getInt();
  }
}
