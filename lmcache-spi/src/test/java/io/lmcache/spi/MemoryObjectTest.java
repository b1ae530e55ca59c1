// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An object's memory: exactly what its owner lent, and nothing of the neighbours. */
class MemoryObjectTest {

  private static ByteBuffer numbered(int bytes) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(bytes);
    for (int i = 0; i < bytes; i++) {
      buffer.put(i, (byte) i);
    }
    return buffer;
  }

  private static byte[] content(ByteBuffer view) {
    byte[] bytes = new byte[view.remaining()];
    view.get(bytes);
    return bytes;
  }

  @Test
  void anObjectFillsItsBufferFromPositionToLimit() {
    MemoryObject object = MemoryObject.of(numbered(16).position(4).limit(8));

    assertThat(object.sizeBytes()).isEqualTo(4);
    assertThat(object.physicalBytes()).isEqualTo(4);
    assertThat(content(object.buffer())).containsExactly(4, 5, 6, 7);
    assertThat(object.buffer().position()).isZero();
    assertThat(object).hasToString("4 bytes");
  }

  @Test
  void neighboursAreOutOfReach() {
    ByteBuffer slab = numbered(16);
    MemoryObject object = MemoryObject.of(slab.duplicate().position(4).limit(8));

    ByteBuffer view = object.buffer();
    view.clear();
    assertThat(view.capacity()).isEqualTo(4);
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> view.put(4, (byte) 9));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> view.put(-1, (byte) 9));
    while (view.hasRemaining()) {
      view.put((byte) 99);
    }
    assertThat(content(slab))
        .containsExactly(0, 1, 2, 3, 99, 99, 99, 99, 8, 9, 10, 11, 12, 13, 14, 15);
  }

  @Test
  void paddingIsInTheSecondViewOnly() {
    MemoryObject object = MemoryObject.padded(numbered(16).position(2).limit(10), 5);

    assertThat(object.sizeBytes()).isEqualTo(5);
    assertThat(object.physicalBytes()).isEqualTo(8);
    assertThat(content(object.buffer())).containsExactly(2, 3, 4, 5, 6);
    assertThat(content(object.physical())).containsExactly(2, 3, 4, 5, 6, 7, 8, 9);
    assertThat(object).hasToString("5 bytes in 8");
  }

  @Test
  void viewsShareBytesButNoPosition() {
    ByteBuffer owner = numbered(8);
    MemoryObject object = MemoryObject.padded(owner, 4);
    ByteBuffer first = object.buffer();
    first.position(3);
    object.physical().position(7).limit(7);
    owner.position(8);

    assertThat(object.buffer().remaining()).isEqualTo(4);
    assertThat(object.physical().remaining()).isEqualTo(8);
    object.buffer().put(0, (byte) 77);
    assertThat(owner.get(0)).isEqualTo((byte) 77);
    assertThat(first.get(0)).isEqualTo((byte) 77);
  }

  @Test
  void anEmptyObjectIsLegal() {
    assertThat(MemoryObject.of(ByteBuffer.allocateDirect(0)).sizeBytes()).isZero();
    assertThat(MemoryObject.padded(ByteBuffer.allocateDirect(8), 0).physicalBytes()).isEqualTo(8);
  }

  @Test
  void heapMemoryIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MemoryObject.of(ByteBuffer.allocate(7)))
        .withMessageContainingAll("direct buffer", "heap buffer of 7 bytes", "allocateDirect");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MemoryObject.padded(ByteBuffer.wrap(new byte[3]), 1));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, Integer.MIN_VALUE, 9, Integer.MAX_VALUE})
  void theObjectMustFitWhatRemains(int size) {
    ByteBuffer backing = ByteBuffer.allocateDirect(32).position(8).limit(16);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> MemoryObject.padded(backing, size))
        .withMessage("an object of " + size + " bytes does not fit a buffer of 8");
  }

  @Test
  void readOnlyMemoryCanBeStoredButNotLoadedInto() {
    MemoryObject object = MemoryObject.of(numbered(4).asReadOnlyBuffer());
    ObjectKey key = ObjectKey.of(new byte[] {1}, "m", 0);

    assertThat(object.isReadOnly()).isTrue();
    assertThat(MemoryObject.of(numbered(4)).isReadOnly()).isFalse();
    assertThatExceptionOfType(ReadOnlyBufferException.class)
        .isThrownBy(() -> object.buffer().put((byte) 1));
    assertThat(new StoreItem(key, object).object()).isSameAs(object);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LoadItem.of(key, object))
        .withMessage("cannot load into read-only memory: m@00000000@0@01");
  }
}
