// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lmcache.l2.fs.ObjectAttribute.State;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

final class ObjectAttributeTest {

  private static final HexFormat HEX = HexFormat.of();
  private static final byte[] DIGEST = HEX.parseHex("00112233445566778899aabbccddeeff");

  private enum Kind {
    ABSENT,
    MALFORMED,
    NEWER,
    PRESENT
  }

  private static Kind kind(State state) {
    if (state == State.ABSENT) {
      return Kind.ABSENT;
    }
    if (state == State.MALFORMED) {
      return Kind.MALFORMED;
    }
    return state == State.NEWER ? Kind.NEWER : Kind.PRESENT;
  }

  /** Bytes with a checksum that is right for them. */
  private static byte[] sealed(byte[] body) {
    CRC32C crc = new CRC32C();
    crc.update(body);
    byte[] whole = Arrays.copyOf(body, body.length + 4);
    for (int i = 0; i < 4; i++) {
      whole[body.length + i] = (byte) (crc.getValue() >>> (8 * i));
    }
    return whole;
  }

  @Test
  void goldenBytesAreReadAndWritten() {
    Map<Kind, Integer> met = new EnumMap<>(Kind.class);
    int written = 0;
    for (String[] row : GoldenRows.of("attributes.tsv")) {
      byte[] bytes = HEX.parseHex(row[0]);
      State state = ObjectAttribute.read(bytes);

      assertThat(kind(state)).as(row[0]).isEqualTo(Kind.valueOf(row[1]));
      met.merge(kind(state), 1, Integer::sum);
      if (state instanceof State.Present present) {
        long length = Long.parseLong(row[2]);
        byte[] digest = HEX.parseHex(row[4]);
        ObjectAttribute expected =
            row[3].equals("-")
                ? ObjectAttribute.withoutChecksum(length, digest)
                : ObjectAttribute.withChecksum(length, HexFormat.fromHexDigits(row[3]), digest);

        assertThat(present.attribute()).isEqualTo(expected).hasSameHashCodeAs(expected);
        written += Arrays.equals(expected.encode(), bytes) ? 1 : 0;
      }
    }
    assertThat(met).isEqualTo(Map.of(Kind.PRESENT, 9, Kind.NEWER, 10, Kind.MALFORMED, 24));
    assertThat(written).as("all but one, with a value where none is said to be").isEqualTo(8);
  }

  @Test
  void noAttributeIsAbsent() {
    assertThat(ObjectAttribute.read(null)).isSameAs(State.ABSENT);
  }

  /** A checksum of 32 bits finds every change of up to 32 bits in a row. */
  @Test
  void everyFlippedBitIsFound() {
    byte[] good = ObjectAttribute.withChecksum(4711, 0xcafebabe, DIGEST).encode();
    int flipped = 0;
    for (int first = 0; first < good.length * 8; first++) {
      for (int width = 1; width <= 32 && first + width <= good.length * 8; width++) {
        byte[] bytes = good.clone();
        bytes[first / 8] ^= (byte) (1 << (first % 8));
        int last = first + width - 1;
        if (last != first) {
          bytes[last / 8] ^= (byte) (1 << (last % 8));
        }
        assertThat(ObjectAttribute.read(bytes)).as("%d..%d", first, last).isSameAs(State.MALFORMED);
        flipped++;
      }
    }
    assertThat(flipped).isEqualTo(288 * 32 - 31 * 32 / 2);
  }

  @Test
  void everyOtherLengthIsMalformed() {
    byte[] good = ObjectAttribute.withChecksum(4711, 0xcafebabe, DIGEST).encode();
    assertThat(good).hasSize(ObjectAttribute.BYTES);
    int lengths = 0;
    for (int length = 0; length <= 300; length++) {
      if (length != good.length) {
        assertThat(ObjectAttribute.read(Arrays.copyOf(good, length)))
            .as("%d bytes", length)
            .isSameAs(State.MALFORMED);
        if (length >= 4) {
          assertThat(ObjectAttribute.read(sealed(Arrays.copyOf(good, length - 4))))
              .as("%d bytes, checksum right", length)
              .isSameAs(State.MALFORMED);
        }
        lengths++;
      }
    }
    assertThat(lengths).isEqualTo(300);
  }

  @Test
  void aNewerVersionOfAnyShapeIsNewer() {
    Random random = new Random(7);
    int newer = 0;
    for (int length = 0; length <= 300; length++) {
      for (int version : new int[] {2, 3, 127, 128, 255}) {
        if (length >= 5) {
          byte[] body = new byte[length - 4];
          random.nextBytes(body);
          body[0] = (byte) version;
          State state = ObjectAttribute.read(sealed(body));
          boolean possible = length >= 8 && length <= 256;
          assertThat(state)
              .as("version %d, %d bytes", version, length)
              .isSameAs(possible ? State.NEWER : State.MALFORMED);
          newer += possible ? 1 : 0;
          body = sealed(body);
          body[length / 2] ^= 0x10;
          assertThat(ObjectAttribute.read(body)).isSameAs(State.MALFORMED);
        }
      }
    }
    assertThat(newer).isEqualTo(249 * 5);
  }

  @Test
  void everyUnknownFlagIsNewer() {
    byte[] good = ObjectAttribute.withChecksum(4711, 0xcafebabe, DIGEST).encode();
    int newer = 0;
    for (int flags = 0; flags < 256; flags++) {
      byte[] body = Arrays.copyOf(good, 32);
      body[1] = (byte) flags;
      State state = ObjectAttribute.read(sealed(body));
      assertThat(kind(state)).isEqualTo(flags < 2 ? Kind.PRESENT : Kind.NEWER);
      newer += state == State.NEWER ? 1 : 0;
    }
    assertThat(newer).isEqualTo(254);
  }

  @Test
  void whateverIsWrittenIsRead() {
    Random random = new Random(8);
    for (int i = 0; i < 100_000; i++) {
      byte[] digest = new byte[16];
      random.nextBytes(digest);
      long length = random.nextLong() >>> (1 + random.nextInt(63));
      ObjectAttribute attribute =
          random.nextInt(4) == 0
              ? ObjectAttribute.withoutChecksum(length, digest)
              : ObjectAttribute.withChecksum(length, random.nextInt(), digest);
      assertThat(ObjectAttribute.read(attribute.encode())).isEqualTo(new State.Present(attribute));
    }
  }

  @Test
  void randomBytesAreMalformed() {
    Random random = new Random(9);
    for (int i = 0; i < 100_000; i++) {
      byte[] bytes = new byte[random.nextInt(80)];
      random.nextBytes(bytes);
      assertThat(ObjectAttribute.read(bytes)).isSameAs(State.MALFORMED);
    }
  }

  @Test
  void everyPartCounts() {
    ObjectAttribute attribute = ObjectAttribute.withChecksum(9, 7, DIGEST);
    byte[] otherDigest = DIGEST.clone();
    otherDigest[15] ^= 1;

    assertThat(attribute)
        .isEqualTo(new ObjectAttribute(9, true, 7, DIGEST.clone()))
        .isNotEqualTo(ObjectAttribute.withChecksum(8, 7, DIGEST))
        .isNotEqualTo(ObjectAttribute.withChecksum(9, 6, DIGEST))
        .isNotEqualTo(ObjectAttribute.withChecksum(9, 7, otherDigest))
        .isNotEqualTo(ObjectAttribute.withoutChecksum(9, DIGEST))
        .hasToString("length 9, crc32c 00000007, key digest 00112233445566778899aabbccddeeff");
    assertThat(ObjectAttribute.withChecksum(9, 0, DIGEST))
        .isNotEqualTo(ObjectAttribute.withoutChecksum(9, DIGEST));
    assertThat(attribute.isOf(DIGEST)).isTrue();
    assertThat(attribute.isOf(otherDigest)).isFalse();
    assertThat(attribute.agreesWith(7)).isTrue();
    assertThat(attribute.agreesWith(6)).isFalse();
    assertThat(ObjectAttribute.withoutChecksum(9, DIGEST).agreesWith(6)).isTrue();
  }

  @Test
  void nobodyCanChangeAnAttribute() {
    byte[] given = DIGEST.clone();
    ObjectAttribute attribute = ObjectAttribute.withoutChecksum(9, given);
    given[0] = 1;
    attribute.keyDigest()[1] = 1;

    assertThat(attribute.keyDigest()).isEqualTo(DIGEST);
  }

  @Test
  void whatCannotBeWrittenIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ObjectAttribute.withChecksum(-1, 0, DIGEST))
        .withMessageContaining("length");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ObjectAttribute(1, false, 1, DIGEST))
        .withMessageContaining("crc32c");
    for (int length : List.of(0, 15, 17, 32)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ObjectAttribute.withoutChecksum(1, new byte[length]))
          .withMessageContaining("digest");
    }
  }

  /** Ext4 keeps an attribute in the inode only if name and value are short. */
  @Test
  void namesAndSizeAreFixed() {
    assertThat(ObjectAttribute.LINUX_NAME).isEqualTo("user." + ObjectAttribute.NAME);
    assertThat(ObjectAttribute.LINUX_KEY_NAME).isEqualTo("user." + ObjectAttribute.KEY_NAME);
    assertThat(ObjectAttribute.LINUX_NAME).isEqualTo("user.lmcache");
    assertThat(ObjectAttribute.LINUX_KEY_NAME).isEqualTo("user.lmcache.key");
    assertThat(ObjectAttribute.BYTES).isLessThanOrEqualTo(64);
  }
}
