// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ContentTest {

  private static final RoundId ROUND = new RoundId(false, 0);
  private static final BenchKeys KEYS = BenchKeys.shared(0);
  private static final Content CONTENT = KEYS.content(KEYS.stored(ROUND, 0));

  private static byte[] bytes(Content content, int size) {
    ByteBuffer buffer = ByteBuffer.allocate(size);
    content.fill(buffer);
    return buffer.array();
  }

  private static double equalShare(byte[] a, byte[] b) {
    int equal = 0;
    for (int i = 0; i < a.length; i++) {
      equal += a[i] == b[i] ? 1 : 0;
    }
    return (double) equal / a.length;
  }

  @Test
  void isTheSameEachTime() {
    assertThat(bytes(CONTENT, 4096)).isEqualTo(bytes(CONTENT, 4096));
  }

  @Test
  void dependsOnTheKey() {
    byte[] other = bytes(KEYS.content(KEYS.stored(ROUND, 1)), 1 << 16);

    assertThat(equalShare(bytes(CONTENT, 1 << 16), other)).isLessThan(0.01);
  }

  @Test
  void dependsOnTheSeed() {
    byte[] other = bytes(BenchKeys.shared(1).content(KEYS.stored(ROUND, 0)), 1 << 16);

    assertThat(equalShare(bytes(CONTENT, 1 << 16), other)).isLessThan(0.01);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 8, 512, 4096, 32768})
  void dependsOnTheOffset(int distance) {
    byte[] all = bytes(CONTENT, 1 << 16);
    byte[] here = Arrays.copyOf(all, 1 << 15);
    byte[] there = Arrays.copyOfRange(all, distance, distance + (1 << 15));

    assertThat(equalShare(here, there)).isLessThan(0.01);
  }

  @Test
  void doesNotCompress() {
    byte[] input = bytes(CONTENT, 1 << 20);
    Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION);
    deflater.setInput(input);
    deflater.finish();
    byte[] output = new byte[input.length * 2];
    int length = deflater.deflate(output);
    deflater.end();

    assertThat(length).isGreaterThanOrEqualTo(input.length);
  }

  @Test
  void twoObjectsDoNotCompressEachOther() {
    byte[] input = new byte[1 << 14];
    System.arraycopy(bytes(CONTENT, 1 << 13), 0, input, 0, 1 << 13);
    System.arraycopy(
        bytes(KEYS.content(KEYS.stored(ROUND, 1)), 1 << 13), 0, input, 1 << 13, 1 << 13);
    Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION);
    deflater.setInput(input);
    deflater.finish();
    int length = deflater.deflate(new byte[input.length * 2]);
    deflater.end();

    assertThat(length).isGreaterThanOrEqualTo(input.length);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7, 8, 9, 15, 4095, 4097})
  void worksForEverySize(int size) {
    byte[] bytes = bytes(CONTENT, size);

    assertThat(bytes).isEqualTo(Arrays.copyOf(bytes(CONTENT, 8192), size));
    assertThat(CONTENT.mismatch(ByteBuffer.wrap(bytes))).isEqualTo(-1);
    for (int i = 0; i < size; i++) {
      assertThat(bytes[i]).isEqualTo(CONTENT.byteAt(i));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 8, 4087, 4088, 4092})
  void findsTheFirstDifference(int offset) {
    byte[] bytes = bytes(CONTENT, 4093);
    bytes[offset] ^= 1;
    if (offset < 4092) {
      bytes[4092] ^= 1;
    }

    assertThat(CONTENT.mismatch(ByteBuffer.wrap(bytes))).isEqualTo(offset);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8, 13, 4096})
  void poisonHasNoByteOfTheContent(int size) {
    ByteBuffer buffer = ByteBuffer.allocate(size);
    CONTENT.poison(buffer);

    assertThat(equalShare(buffer.array(), bytes(CONTENT, size))).isZero();
    assertThat(CONTENT.looksPoisoned(buffer)).isTrue();
    CONTENT.fill(buffer);
    assertThat(CONTENT.looksPoisoned(buffer)).isFalse();
  }

  @Test
  void respectsTheLimitOfTheBuffer() {
    ByteBuffer buffer = ByteBuffer.allocate(32);
    CONTENT.fill(buffer.duplicate().limit(11));

    assertThat(new String(buffer.array(), 11, 21, StandardCharsets.ISO_8859_1))
        .isEqualTo("\0".repeat(21));
  }
}
