// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

/** What a batch does; the codes are shared with C++. */
enum NativeOperation {
  SET(0, "store"),
  GET(1, "load"),
  EXISTS(2, "look up"),
  REMOVE(3, "delete");

  private final int code;
  private final String verb;

  NativeOperation(int code, String verb) {
    this.code = code;
    this.verb = verb;
  }

  int code() {
    return code;
  }

  /** What it is called in an error text. */
  String verb() {
    return verb;
  }
}
