// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.l2.fs.Fsync;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.Retry;
import java.util.ArrayList;
import java.util.List;

/**
 * One call of the file system that fails with one error number, in one kind of request.
 *
 * @param calls how many such calls a key makes that meets no error
 * @param which of them fails, from 1 on
 */
record FaultCase(Request request, Call call, int calls, int which, Errno errno) {

  /** What is asked of the adapter, and what its status calls that. */
  enum Request {
    STORE("store"),
    REPLACE("store"),
    LOAD("load"),
    LOOKUP("lookup"),
    DELETE("delete");

    final String operation;

    Request(String operation) {
      this.operation = operation;
    }

    boolean isStore() {
      return operation.equals("store");
    }
  }

  /** The calls, by the seam's numbers and the words of their error texts. */
  enum Call {
    LOOK(5, "stat"),
    OPEN(0, "open"),
    STAT(4, "stat"),
    GET_ATTRIBUTE(10, "get attribute of"),
    READ(2, "read"),
    CREATE(1, "create staging file for"),
    WRITE(3, "write staging file for"),
    SET_ATTRIBUTE(11, "set attribute of staging file for"),
    CLOSE(7, "close staging file for"),
    MAKE_DIRECTORY(14, "make directory for"),
    RENAME(8, "rename staging file to"),
    SYNC(16, "sync the file of"),
    SYNC_DIRECTORY(17, "sync the directory of"),
    UNLINK(9, "unlink");

    final int operation;
    final String words;

    Call(int operation, String words) {
      this.operation = operation;
      this.words = words;
    }
  }

  /** The error numbers, and what docs/failures.md says of them. */
  enum Errno {
    ENOSPC(28, L2ErrorCode.NO_SPACE, Retry.AFTER_ROOM),
    EDQUOT(122, L2ErrorCode.NO_SPACE, Retry.AFTER_ROOM),
    EACCES(13, L2ErrorCode.ACCESS, Retry.NEVER),
    EROFS(30, L2ErrorCode.ACCESS, Retry.NEVER),
    ENOENT(2, L2ErrorCode.UNAVAILABLE, Retry.LATER),
    ESTALE(116, L2ErrorCode.UNAVAILABLE, Retry.LATER),
    ENAMETOOLONG(36, L2ErrorCode.UNSUPPORTED_KEY, Retry.NEVER),
    EIO(5, L2ErrorCode.IO, Retry.LATER);

    final int number;
    final L2ErrorCode code;
    final Retry retry;

    Errno(int number, L2ErrorCode code, Retry retry) {
      this.number = number;
      this.code = code;
      this.retry = retry;
    }

    boolean saysAbsent() {
      return this == ENOENT || this == ESTALE;
    }

    boolean saysFull() {
      return code == L2ErrorCode.NO_SPACE;
    }
  }

  static List<FaultCase> all() {
    List<FaultCase> all = new ArrayList<>();
    for (Call call :
        List.of(
            Call.LOOK,
            Call.CREATE,
            Call.WRITE,
            Call.SET_ATTRIBUTE,
            Call.STAT,
            Call.CLOSE,
            Call.MAKE_DIRECTORY,
            Call.RENAME,
            Call.SYNC,
            Call.SYNC_DIRECTORY)) {
      add(all, Request.STORE, call, 1, 1);
    }
    for (Call call :
        List.of(
            Call.LOOK,
            Call.OPEN,
            Call.GET_ATTRIBUTE,
            Call.CREATE,
            Call.WRITE,
            Call.SET_ATTRIBUTE,
            Call.RENAME,
            Call.SYNC,
            Call.SYNC_DIRECTORY)) {
      add(all, Request.REPLACE, call, 1, 1);
    }
    // What is to be replaced is looked at and closed first.
    add(all, Request.REPLACE, Call.STAT, 2, 1);
    add(all, Request.REPLACE, Call.STAT, 2, 2);
    add(all, Request.REPLACE, Call.CLOSE, 2, 2);
    for (Call call : List.of(Call.OPEN, Call.STAT, Call.GET_ATTRIBUTE, Call.READ)) {
      add(all, Request.LOAD, call, 1, 1);
    }
    add(all, Request.LOOKUP, Call.LOOK, 1, 1);
    for (Call call : List.of(Call.LOOK, Call.OPEN, Call.STAT, Call.GET_ATTRIBUTE, Call.UNLINK)) {
      add(all, Request.DELETE, call, 1, 1);
    }
    return all;
  }

  private static void add(
      List<FaultCase> all, Request request, Call call, int calls, int whichFails) {
    for (Errno errno : Errno.values()) {
      all.add(new FaultCase(request, call, calls, whichFails, errno));
    }
  }

  /** Those of which the owner is told that there is no room. */
  static List<FaultCase> allWithoutRoom() {
    return all().stream().filter(FaultCase::asksForRoom).toList();
  }

  /** Whether the key fails; otherwise the answer is that there is nothing. */
  boolean fails() {
    if (!errno.saysAbsent()) {
      return true;
    }
    return switch (request) {
      case LOAD, LOOKUP -> false;
      case STORE, REPLACE -> !isALook();
      case DELETE -> false;
    };
  }

  /** Whether it is met by who only looks at what is there, and then goes on. */
  boolean isALook() {
    return switch (call) {
      case LOOK, OPEN, GET_ATTRIBUTE -> true;
      case STAT -> request == Request.DELETE || (request == Request.REPLACE && which == 1);
      default -> false;
    };
  }

  /** An attribute that finds no room where there are free blocks is too long. */
  private boolean isRefusedAttribute() {
    return call == Call.SET_ATTRIBUTE && errno.saysFull();
  }

  boolean asksForRoom() {
    return request.isStore() && errno.saysFull() && !isRefusedAttribute();
  }

  L2ErrorCode code() {
    return isRefusedAttribute() ? L2ErrorCode.IO : errno.code;
  }

  Retry retry() {
    return isRefusedAttribute() ? Retry.LATER : errno.retry;
  }

  /** Whether the failure says something of the storage, and not of the key. */
  boolean degrades() {
    return errno != Errno.ENAMETOOLONG;
  }

  /** Only a directory that cannot be synced takes away what was to be replaced. */
  boolean losesTheOld() {
    return request == Request.REPLACE && call == Call.SYNC_DIRECTORY;
  }

  Fsync fsync() {
    return call == Call.SYNC || call == Call.SYNC_DIRECTORY ? Fsync.FULL : Fsync.NONE;
  }

  int levels() {
    return call == Call.MAKE_DIRECTORY ? 1 : 0;
  }

  /** The next key that is asked for fails, after so many that do not. */
  void arm(int keysBefore) {
    int nth = keysBefore * calls + which;
    NativeSeam.fail(call.operation, nth, errno.number);
    if (call == Call.SET_ATTRIBUTE && errno == Errno.EACCES) {
      // A mode may be what denies it, which is tried.
      NativeSeam.fail(call.operation, nth + 1, errno.number);
    }
  }

  @Override
  public String toString() {
    return request + ", " + call + " " + which + " of " + calls + ", " + errno;
  }
}
