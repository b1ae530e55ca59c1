// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.doctor;

import static io.lmcache.cli.doctor.ObjectSize.Path.BUFFERED;
import static io.lmcache.cli.doctor.ObjectSize.Path.DIRECT;
import static io.lmcache.cli.doctor.ObjectSize.Path.REFUSED;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.AdapterLimits;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ObjectSizeTest {

  private static final String ON = "requested=true effective=true";
  private static final String REQUIRED = "requested=require effective=true";

  private static AdapterLimits limits(int memory, int length) {
    return new AdapterLimits(Integer.MAX_VALUE, 100, 100, memory, length, Set.of());
  }

  private static ObjectSize judge(long bytes, int alignment, AdapterLimits limits, String odirect) {
    return ObjectSize.of(
        bytes, alignment, limits, Setting.of("odirect", odirect).stream().toList());
  }

  /** By the words of the rule, not by its arithmetic. */
  private static boolean direct(long bytes, int alignment, int memory, int length) {
    long slot = alignment;
    while (slot < bytes) {
      slot += alignment;
    }
    long transfer = length;
    while (transfer < bytes) {
      transfer += length;
    }
    return slot >= transfer && alignment % memory == 0;
  }

  @Test
  void everyCombinationFollowsTheRuleAndTheAdviceIsTheLeastThatHelps() {
    int judged = 0;
    for (int memory = 1; memory <= 4096; memory *= 8) {
      for (int length = 1; length <= 4096; length *= 8) {
        for (int alignment = 1; alignment <= 8192; alignment *= 2) {
          for (int bytes : new int[] {1, 511, 512, 513, 4000, 4096, 4097, 12_288, 300_001}) {
            ObjectSize size = judge(bytes, alignment, limits(memory, length), ON);
            assertThat(size.path() == DIRECT)
                .as("%d at %d for %d, %d", bytes, alignment, memory, length)
                .isEqualTo(direct(bytes, alignment, memory, length));
            int least = 1;
            while (!direct(bytes, least, memory, length)) {
              least *= 2;
            }
            if (size.path() != DIRECT) {
              assertThat(size.enough()).hasValue(least);
              assertThat(size.reason()).isNotEmpty();
            }
            assertThat(size.isMultiple()).isEqualTo(bytes % length == 0);
            judged++;
          }
        }
      }
    }
    assertThat(judged).isEqualTo(5 * 5 * 14 * 9);
  }

  @ParameterizedTest
  @CsvSource({"requested=true effective=true,BUFFERED", "requested=require effective=true,REFUSED"})
  void withoutPaddingEnoughItIsBufferedUnlessItMustNot(String odirect, ObjectSize.Path path) {
    ObjectSize size = judge(300_001, 512, limits(512, 4096), odirect);

    assertThat(size.path()).isEqualTo(path);
    assertThat(size.problem()).isPresent();
    assertThat(size.reason()).contains("300032", "4096");
    assertThat(size.enough()).hasValue(4096);
    assertThat(size.paddedBytes()).isEqualTo(300_032);
  }

  @ParameterizedTest
  @CsvSource({"requested=true effective=true", "requested=require effective=true"})
  void aWrongAddressFailsAlsoWhereDirectIsOnlyAWish(String odirect) {
    ObjectSize size = judge(4096, 512, limits(4096, 4096), odirect);

    assertThat(size.path()).isEqualTo(REFUSED);
    assertThat(size.reason()).contains("512", "4096");
    assertThat(size.enough()).hasValue(4096);
  }

  @Test
  void theLengthIsLookedAtBeforeTheAddress() {
    assertThat(judge(4097, 512, limits(4096, 4096), ON).path()).isEqualTo(BUFFERED);
  }

  @Test
  void withoutDirectIoTheReasonIsSaid() {
    AdapterLimits limits = limits(1, 1);

    assertThat(ObjectSize.of(4096, 4096, limits, List.of()).reason()).contains("no setting");
    assertThat(judge(4096, 4096, limits, "requested=false").reason()).contains("not requested");
    ObjectSize cached = judge(4096, 4096, limits, "requested=true effective=false reason=cached");
    assertThat(cached.path()).isEqualTo(BUFFERED);
    assertThat(cached.reason()).contains("not effective", "cached");
    assertThat(cached.enough()).isEmpty();
    assertThat(cached.advice()).isEmpty();
    assertThat(cached.problem()).as("it is the setting's").isEmpty();
    ObjectSize required =
        judge(4096, 4096, limits, "requested=require effective=false reason=cached");
    assertThat(required.path()).isEqualTo(REFUSED);
    assertThat(required.problem()).isPresent();
  }

  @Test
  void whatNoBufferHoldsIsNeverDirect() {
    ObjectSize largest = judge(Integer.MAX_VALUE, 4096, limits(4096, 4096), ON);

    assertThat(largest.path()).isEqualTo(BUFFERED);
    assertThat(largest.paddedBytes()).isEqualTo(1L << 31);
    assertThat(largest.enough()).isEqualTo(OptionalInt.empty());
    assertThat(judge(Integer.MAX_VALUE, 4096, limits(4096, 4096), REQUIRED).path())
        .isEqualTo(REFUSED);
    assertThat(judge((1L << 31) - 4096, 4096, limits(4096, 4096), ON).path()).isEqualTo(DIRECT);
    assertThat(judge((1L << 30) + 1, 1 << 30, limits(4096, 4096), ON).enough()).hasValue(4096);
  }

  @Test
  void whatTheAdapterDoesNotTakeIsRefused() {
    AdapterLimits small = new AdapterLimits(1000, 100, 100, 1, 1, Set.of());

    assertThat(judge(1000, 4096, small, ON).path()).isEqualTo(DIRECT);
    ObjectSize refused = judge(1001, 4096, small, "requested=false");
    assertThat(refused.path()).isEqualTo(REFUSED);
    assertThat(refused.reason()).contains("1000");
  }
}
