// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lmcache.l2.fs.ObjectAttribute.State;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every row of the table. */
final class VerdictTest {

  private static final byte[] DIGEST = "0123456789abcdef".getBytes(US_ASCII);
  private static final byte[] OTHERS = "0123456789abcdeF".getBytes(US_ASCII);
  private static final List<Long> SIZES = List.of(0L, 1L, 100L, 512L, Long.MAX_VALUE);

  private static State says(long length, byte[] digest) {
    return new State.Present(ObjectAttribute.withChecksum(length, 7, digest));
  }

  private static State saysWithoutChecksum(long length) {
    return new State.Present(ObjectAttribute.withoutChecksum(length, DIGEST));
  }

  @Test
  void aDamagedAttributeIsCorruptWhateverTheSizes() {
    for (long wanted : SIZES) {
      for (long file : SIZES) {
        assertThat(Verdict.judge(wanted, file, State.MALFORMED, DIGEST)).isSameAs(Verdict.CORRUPT);
      }
    }
  }

  @Test
  void anAttributeThatDisagreesWithTheFileIsCorruptWhateverIsWanted() {
    for (long wanted : SIZES) {
      for (long file : SIZES) {
        for (long said : SIZES) {
          if (said != file) {
            assertThat(Verdict.judge(wanted, file, says(said, DIGEST), DIGEST))
                .as("wanted %d, file %d, said %d", wanted, file, said)
                .isSameAs(Verdict.CORRUPT);
            assertThat(Verdict.judge(wanted, file, saysWithoutChecksum(said), DIGEST))
                .isSameAs(Verdict.CORRUPT);
          }
        }
      }
    }
  }

  @Test
  void theFileOfAnotherKeyIsCorruptAlsoIfTheSizeDiffers() {
    assertThat(Verdict.judge(100, 100, says(100, OTHERS), DIGEST)).isSameAs(Verdict.CORRUPT);
    assertThat(Verdict.judge(99, 100, says(100, OTHERS), DIGEST)).isSameAs(Verdict.CORRUPT);
  }

  @Test
  void aNewerAttributeIsForeignWhateverTheSizes() {
    for (long wanted : SIZES) {
      for (long file : SIZES) {
        assertThat(Verdict.judge(wanted, file, State.NEWER, DIGEST)).isSameAs(Verdict.FOREIGN);
      }
    }
  }

  @Test
  void aWholeFileOfAnotherSizeIsAMismatchAlsoIfPaddingWouldExplainIt() {
    assertThat(Verdict.judge(99, 100, says(100, DIGEST), DIGEST)).isSameAs(Verdict.SIZE_MISMATCH);
    assertThat(Verdict.judge(101, 100, says(100, DIGEST), DIGEST)).isSameAs(Verdict.SIZE_MISMATCH);
    assertThat(Verdict.judge(100, 512, says(512, DIGEST), DIGEST)).isSameAs(Verdict.SIZE_MISMATCH);
    assertThat(Verdict.judge(100, 0, says(0, DIGEST), DIGEST)).isSameAs(Verdict.SIZE_MISMATCH);
  }

  @Test
  void aWholeFileOfTheWantedSizeIsVerified() {
    for (long size : SIZES) {
      assertThat(Verdict.judge(size, size, says(size, DIGEST), DIGEST)).isSameAs(Verdict.VERIFY);
      assertThat(Verdict.judge(size, size, saysWithoutChecksum(size), DIGEST))
          .isSameAs(Verdict.VERIFY);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0, EMPTY",
    "9223372036854775807, 0, EMPTY",
    "0, 0, UNVERIFIED",
    "100, 100, UNVERIFIED",
    "100, 512, UNVERIFIED",
    "100, 1024, UNVERIFIED",
    "100, 2048, UNVERIFIED",
    "100, 4096, UNVERIFIED",
    "100, 8192, UNVERIFIED",
    "100, 16384, UNVERIFIED",
    "100, 32768, UNVERIFIED",
    "100, 65536, UNVERIFIED",
    "512, 512, UNVERIFIED",
    "513, 1024, UNVERIFIED",
    "65537, 131072, UNVERIFIED",
    "9223372036854775807, 9223372036854775807, UNVERIFIED",
    "0, 512, SIZE_MISMATCH",
    "100, 99, SIZE_MISMATCH",
    "100, 101, SIZE_MISMATCH",
    "100, 128, SIZE_MISMATCH",
    "100, 256, SIZE_MISMATCH",
    "100, 1536, SIZE_MISMATCH",
    "100, 131072, SIZE_MISMATCH",
    "100, 65537, SIZE_MISMATCH",
    "512, 513, SIZE_MISMATCH",
    "513, 512, SIZE_MISMATCH",
    "65536, 131072, SIZE_MISMATCH",
    "9223372036854775807, 1, SIZE_MISMATCH",
    "1, 9223372036854775807, SIZE_MISMATCH"
  })
  void withoutAttributeTheSizeDecides(long wanted, long file, Verdict verdict) {
    assertThat(Verdict.judge(wanted, file, State.ABSENT, DIGEST)).isSameAs(verdict);
  }

  @Test
  void aStoreOnlyIfAbsentLeavesWhatIsTheObject() {
    for (long size : SIZES) {
      for (State attribute : List.of(State.ABSENT, says(size, DIGEST), saysWithoutChecksum(size))) {
        assertThat(Verdict.Standing.judge(size, size, attribute, DIGEST))
            .isSameAs(Verdict.Standing.ALREADY_PRESENT);
      }
    }
  }

  @Test
  void aStoreOnlyIfAbsentReplacesWhatIsNot() {
    record Case(long stored, long file, State attribute) {}
    List<Case> cases =
        List.of(
            new Case(100, 99, State.ABSENT),
            new Case(100, 0, State.ABSENT),
            new Case(100, 512, State.ABSENT),
            new Case(100, 99, says(99, DIGEST)),
            new Case(100, 100, says(99, DIGEST)),
            new Case(100, 99, says(100, DIGEST)),
            new Case(100, 100, says(100, OTHERS)),
            new Case(100, 100, State.MALFORMED),
            new Case(100, 99, State.MALFORMED));
    for (Case each : cases) {
      assertThat(Verdict.Standing.judge(each.stored(), each.file(), each.attribute(), DIGEST))
          .as(each.toString())
          .isSameAs(Verdict.Standing.REPLACE);
    }
  }

  @Test
  void noStoreTouchesANewerFile() {
    for (long stored : SIZES) {
      for (long file : SIZES) {
        assertThat(Verdict.Standing.judge(stored, file, State.NEWER, DIGEST))
            .isSameAs(Verdict.Standing.FOREIGN);
      }
    }
  }

  @Test
  void negativeLengthsAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Verdict.judge(-1, 5, State.ABSENT, DIGEST))
        .withMessageContaining("-1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Verdict.judge(5, -2, State.MALFORMED, DIGEST))
        .withMessageContaining("-2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Verdict.Standing.judge(-3, 5, State.ABSENT, DIGEST))
        .withMessageContaining("-3");
  }
}
