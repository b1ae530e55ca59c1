// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import io.lmcache.adapter.StorageException;
import io.lmcache.l2.fs.Errno;
import io.lmcache.l2.fs.FileIdentity;
import io.lmcache.l2.fs.ObjectAttribute;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.Retry;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Says what is in the place of an object, without reading its bytes. For any thread. */
final class Inspector {

  /** How often a file may be replaced under our eyes before we give up. */
  static final int ATTEMPTS = 100;

  private final AttributeAccess attributes;
  private final FileSystemFeatures features;

  Inspector(AttributeAccess attributes, FileSystemFeatures features) {
    this.attributes = attributes;
    this.features = features;
  }

  /**
   * A file, and its attribute at the same moment.
   *
   * @param attribute absent if it is no regular file
   */
  record Found(FileIdentity identity, ObjectAttribute.State attribute) {

    /** Whether it may not be touched: no file, or one of a newer version. */
    boolean isForeign() {
      return !identity.isRegular() || attribute == ObjectAttribute.State.NEWER;
    }
  }

  /** Which file is there, or null. */
  @Nullable FileIdentity identity(Path path) throws IOException {
    return FileIdentity.of(path, features.inodes());
  }

  /** What is there, or null. */
  @Nullable Found inspect(Path path) throws IOException {
    for (int i = 0; i < ATTEMPTS; i++) {
      FileIdentity before = identity(path);
      if (before == null) {
        return null;
      }
      if (!before.isRegular()) {
        return new Found(before, ObjectAttribute.State.ABSENT);
      }
      ObjectAttribute.State attribute = attributeOf(path);
      if (attribute != null && before.equals(identity(path))) {
        return new Found(before, attribute);
      }
    }
    throw restless("inspect", path);
  }

  /** The attribute of what is at the path by now; null if nothing is, or no file. */
  ObjectAttribute.@Nullable State attributeOf(Path path) throws IOException {
    try {
      return attributes.read(path);
    } catch (IOException e) {
      if (isReplaced(e)) {
        return null;
      }
      throw e;
    }
  }

  /** Whether it says that what was at the path a moment ago is there no more. */
  static boolean isReplaced(IOException failure) {
    return Errno.isAbsence(failure) || Errno.of(failure).equals("ELOOP");
  }

  /** The failure of an operation that never got to see one file twice. */
  static StorageException restless(String operation, Path path) {
    return new StorageException(
        L2Error.of(
            L2ErrorCode.IO,
            Retry.LATER,
            operation + " " + path + ": the file was replaced " + ATTEMPTS + " times meanwhile"));
  }
}
