// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import static io.lmcache.l2.fs.jni.DirectMatrix.check;

import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** Memory for the objects of the O_DIRECT matrix, at any skew, with canaries before and behind. */
final class DirectMemory {

  private static final int CANARY = DirectCase.PAGE;
  private static final byte CANARY_BYTE = 0x5C;
  private static final byte POISON = (byte) 0xA5;

  private final ByteBuffer all =
      ByteBuffer.allocateDirect(DirectCase.LARGE + 5 * DirectCase.PAGE)
          .alignedSlice(DirectCase.PAGE);

  private static int begin(DirectCase one) {
    return CANARY + one.skew();
  }

  MemoryObject object(DirectCase one) {
    return MemoryObject.padded(all.slice(begin(one), one.physical()), one.length());
  }

  /** The object's bytes, and poison in the padding. */
  void fill(DirectCase one, ObjectKey key) {
    poison(one);
    for (int i = 0; i < one.length(); i++) {
      all.put(begin(one) + i, TestObjects.expected(key, 1, i));
    }
  }

  void poison(DirectCase one) {
    set(0, begin(one), CANARY_BYTE);
    set(begin(one), one.physical(), POISON);
    set(begin(one) + one.physical(), CANARY, CANARY_BYTE);
  }

  private void set(int from, int length, byte value) {
    for (int i = from; i < from + length; i++) {
      all.put(i, value);
    }
  }

  private void checkIs(int from, int length, byte value, String what) {
    for (int i = from; i < from + length; i++) {
      if (all.get(i) != value) {
        throw new AssertionError(what + ", byte " + (i - from) + ": " + all.get(i));
      }
    }
  }

  void checkCanaries(DirectCase one) {
    checkIs(0, begin(one), CANARY_BYTE, "canary before the buffer");
    checkIs(begin(one) + one.physical(), CANARY, CANARY_BYTE, "canary behind the buffer");
  }

  /** Nothing came. */
  void checkPoisoned(DirectCase one) {
    checkIs(begin(one), one.physical(), POISON, "memory that nothing was to be read into");
  }

  void checkContent(DirectCase one, ObjectKey key) {
    for (int i = 0; i < one.length(); i++) {
      if (all.get(begin(one) + i) != TestObjects.expected(key, 1, i)) {
        throw new AssertionError("byte " + i + " of " + one.length());
      }
    }
  }

  /** The object's bytes, and the padding as it was filled. */
  void checkOnlyRead(DirectCase one, ObjectKey key) {
    checkContent(one, key);
    int padding = one.physical() - one.length();
    checkIs(begin(one) + one.length(), padding, POISON, "padding of a buffer that was stored");
  }

  /** The file holds this object, which {@link #checkOnlyRead} found to be what it was. */
  void checkFile(DirectCase one, ObjectKey key, Path file) throws IOException {
    ByteBuffer content = ByteBuffer.wrap(Files.readAllBytes(file));
    check(
        content.remaining() == one.length(),
        "the file has " + content.remaining() + " bytes, the object " + one.length());
    check(
        content.equals(all.slice(begin(one), one.length())),
        "the file holds other bytes than " + key);
  }
}
