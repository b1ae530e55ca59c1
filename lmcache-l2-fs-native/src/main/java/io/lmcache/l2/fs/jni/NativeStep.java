// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

/** Which step of an operation failed; the codes are shared with C++. */
enum NativeStep {
  NONE(0, "operation on"),
  OPEN(1, "open"),
  CREATE(2, "create staging file for"),
  READ(3, "read"),
  WRITE(4, "write staging file for"),
  STAT(5, "stat"),
  CHMOD(6, "chmod staging file for"),
  CLOSE(7, "close staging file for"),
  RENAME(8, "rename staging file to"),
  UNLINK(9, "unlink"),
  VERIFY(10, "check the written length of"),
  EVENT(11, "create eventfd for"),
  THREAD(12, "start worker thread for"),
  INTERNAL(13, "handle"),
  OCCUPIED(14, "replace what is no object of ours at"),
  SET_ATTRIBUTE(15, "set attribute of staging file for"),
  GET_ATTRIBUTE(16, "get attribute of"),
  MAKE_DIRECTORY(17, "make directory for"),
  TRUNCATE(18, "truncate staging file for"),
  SYNC(19, "sync the file of"),
  SYNC_DIRECTORY(20, "sync the directory of"),
  MISALIGNED(21, "move past the page cache"),
  NOT_DIRECT(22, "move past the page cache"),
  LENGTH_NOT_DIRECT(23, "move past the page cache"),
  PROBE(24, "move past the page cache in"),
  ATTRIBUTE_REFUSED(25, "set attribute of staging file for"),
  OPEN_STAGING(26, "open directory of staging files");

  private static final NativeStep[] VALUES = values();

  private final int code;
  private final String text;

  NativeStep(int code, String text) {
    this.code = code;
    this.text = text;
  }

  int code() {
    return code;
  }

  /** The words before the path in an error text. */
  String text() {
    return text;
  }

  /** The step of a code; one that is not known is internal. */
  static NativeStep of(int code) {
    return code >= 0 && code < VALUES.length ? VALUES[code] : INTERNAL;
  }
}
