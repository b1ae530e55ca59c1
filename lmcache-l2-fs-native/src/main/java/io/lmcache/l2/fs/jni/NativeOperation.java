// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

/** What a batch does; the codes are shared with C++. */
enum NativeOperation {
  SET(0),
  GET(1),
  EXISTS(2),
  REMOVE(3);

  private final int code;

  NativeOperation(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }
}
