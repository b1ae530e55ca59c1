// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import io.lmcache.l2.fs.Fsync;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.Retry;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;

/** One call of the file system that fails with one error number, in one kind of request. */
record FaultCase(Request request, Call call, Errno errno) {

  /** What is asked of the adapter, and what its status calls that. */
  enum Request {
    STORE("store"),
    REPLACE("store"),
    LOAD("load"),
    DELETE("delete");

    final String operation;

    Request(String operation) {
      this.operation = operation;
    }

    boolean isStore() {
      return operation.equals("store");
    }
  }

  /** The calls, of which each key makes one: as they are watched, and in the words of a store. */
  enum Call {
    CREATE("create staged", "create staging file for", true),
    WRITE("write staged", "write staging file for", false),
    SET_ATTRIBUTE("set lmcache", "set attribute of staging file for", true),
    SYNC("sync staged", "sync staging file for", false),
    CLOSE("close staged", "close staging file for", false),
    PUBLISH("publish object", "publish", true),
    SYNC_DIRECTORY("sync /", "publish", false),
    GET_ATTRIBUTE("get lmcache", "look at what is to be replaced at", true),
    OPEN("open object", "load", true),
    READ("read object", "load", false);

    final String watched;
    private final String words;

    /** Whether Java makes exceptions of its own of some of its errors. */
    private final boolean byPath;

    Call(String watched, String words, boolean byPath) {
      this.watched = watched;
      this.words = words;
      this.byPath = byPath;
    }
  }

  /** The error numbers, and what docs/failures.md says of them. */
  enum Errno {
    ENOSPC("No space left on device", L2ErrorCode.NO_SPACE, Retry.AFTER_ROOM),
    EDQUOT("Disk quota exceeded", L2ErrorCode.NO_SPACE, Retry.AFTER_ROOM),
    EACCES("Permission denied", L2ErrorCode.ACCESS, Retry.NEVER),
    EROFS("Read-only file system", L2ErrorCode.ACCESS, Retry.NEVER),
    ENOENT("No such file or directory", L2ErrorCode.UNAVAILABLE, Retry.LATER),
    ESTALE("Stale file handle", L2ErrorCode.UNAVAILABLE, Retry.LATER),
    ENAMETOOLONG("File name too long", L2ErrorCode.UNSUPPORTED_KEY, Retry.NEVER),
    EIO("Input/output error", L2ErrorCode.IO, Retry.LATER);

    private final String words;
    private final L2ErrorCode code;
    private final Retry retry;

    Errno(String words, L2ErrorCode code, Retry retry) {
      this.words = words;
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
    List<Call> writing =
        List.of(
            Call.CREATE,
            Call.WRITE,
            Call.SET_ATTRIBUTE,
            Call.SYNC,
            Call.CLOSE,
            Call.PUBLISH,
            Call.SYNC_DIRECTORY);
    add(all, Request.STORE, writing);
    add(all, Request.REPLACE, writing);
    add(all, Request.REPLACE, List.of(Call.GET_ATTRIBUTE));
    add(all, Request.LOAD, List.of(Call.OPEN, Call.GET_ATTRIBUTE, Call.READ));
    add(all, Request.DELETE, List.of(Call.GET_ATTRIBUTE));
    return all;
  }

  private static void add(List<FaultCase> all, Request request, List<Call> calls) {
    for (Call call : calls) {
      for (Errno errno : Errno.values()) {
        all.add(new FaultCase(request, call, errno));
      }
    }
  }

  /** Those of which the owner is told that there is no room. */
  static List<FaultCase> allWithoutRoom() {
    return all().stream().filter(FaultCase::asksForRoom).toList();
  }

  private boolean isOfAnObject() {
    return call == Call.OPEN || call == Call.GET_ATTRIBUTE || call == Call.READ;
  }

  /** Whether the key fails; otherwise the file is looked for once more. */
  boolean fails() {
    return !errno.saysAbsent() || !isOfAnObject();
  }

  /** A stale handle is the answer of a file that another client has removed. */
  boolean isGone() {
    return errno == Errno.ESTALE && (call == Call.OPEN || call == Call.READ);
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

  /** How the text of the error begins. */
  String words() {
    return switch (request) {
      case STORE, REPLACE -> call.words;
      case LOAD -> "load";
      case DELETE -> "remove";
    };
  }

  /** As Java tells it. */
  private IOException failure() {
    if (!call.byPath) {
      return new IOException(errno.words);
    }
    if (call == Call.SET_ATTRIBUTE || call == Call.GET_ATTRIBUTE) {
      return new FileSystemException("file", null, "Error with extended attribute: " + errno.words);
    }
    return switch (errno) {
      case ENOENT -> new NoSuchFileException("file");
      case EACCES -> new AccessDeniedException("file");
      default -> new FileSystemException("file", null, errno.words);
    };
  }

  /** The next key that is asked for meets it, after so many that do not. */
  void arm(WatchedCalls calls, int keysBefore) {
    // Attributes are read again and again, until it cannot be another file that came in between.
    int times = call == Call.GET_ATTRIBUTE && !errno.saysAbsent() ? 10 : 1;
    calls.fail(call.watched, keysBefore, times, failure());
  }

  @Override
  public String toString() {
    return request + ", " + call + ", " + errno;
  }
}
