// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import io.lmcache.l2.fs.Errno;
import io.lmcache.l2.fs.ObjectAttribute;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads and writes the attributes of object files. Safe for use by many threads. */
final class AttributeAccess {

  private static final int READ_ATTEMPTS = 10;

  private final FileCalls calls;
  private final FileSystemFeatures features;

  AttributeAccess(FileCalls calls, FileSystemFeatures features) {
    this.calls = calls;
    this.features = features;
  }

  /**
   * What the file at a path says of itself; {@link ObjectAttribute.State#ABSENT} where files have
   * no attributes.
   *
   * @throws IOException if it cannot be read, as when there is no file
   */
  ObjectAttribute.State read(Path path) throws IOException {
    if (!features.attributes()) {
      return ObjectAttribute.State.ABSENT;
    }
    UserDefinedFileAttributeView view = calls.userAttributes(path);
    for (int attempt = 1; ; attempt++) {
      ByteBuffer raw = ByteBuffer.allocate(ObjectAttribute.MAX_BYTES + 1);
      try {
        view.read(ObjectAttribute.NAME, raw);
        return ObjectAttribute.read(Arrays.copyOf(raw.array(), raw.position()));
      } catch (FileSystemException e) {
        // Absent and too long are told in words only, in those of the locale: so it is asked again.
        if (Errno.isAbsence(e)) {
          throw e;
        }
        if (!view.list().contains(ObjectAttribute.NAME)) {
          return ObjectAttribute.State.ABSENT;
        }
        if (view.size(ObjectAttribute.NAME) > ObjectAttribute.MAX_BYTES) {
          return ObjectAttribute.State.MALFORMED;
        }
        if (attempt == READ_ATTEMPTS) {
          throw e; // It is no other file that came in between.
        }
      }
    }
  }

  /**
   * Gives a staging file its attributes, unless files have none here.
   *
   * @param canonicalKey the key's canonical form, for a file whose name does not tell it
   */
  void write(Path staged, ObjectAttribute attribute, @Nullable String canonicalKey)
      throws IOException {
    if (!features.attributes()) {
      return;
    }
    UserDefinedFileAttributeView view = calls.userAttributes(staged);
    if (canonicalKey != null) {
      byte[] key = canonicalKey.getBytes(StandardCharsets.UTF_8);
      view.write(ObjectAttribute.KEY_NAME, ByteBuffer.wrap(key));
    }
    view.write(ObjectAttribute.NAME, ByteBuffer.wrap(attribute.encode()));
  }

  /** Whether an attribute could not be written because the disk is full, and not for its length. */
  static boolean isDiskFull(Path staged, IOException failure) throws IOException {
    return FileErrors.isNoSpace(failure) && Files.getFileStore(staged).getUsableSpace() == 0;
  }
}
