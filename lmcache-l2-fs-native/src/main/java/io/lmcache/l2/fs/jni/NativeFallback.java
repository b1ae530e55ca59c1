// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

/** Why an object did not go past the page cache; the codes are shared with C++. */
enum NativeFallback {
  NONE,
  LENGTH,
  FILE_SYSTEM,
  ERRNO;

  private static final NativeFallback[] VALUES = values();

  static NativeFallback of(int code) {
    return code >= 0 && code < VALUES.length ? VALUES[code] : NONE;
  }
}
