// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.ObjectKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The choices of {@code fault_inject}, against what Python's hashlib and round say. */
final class FaultsTest {

  private static final AdapterSpec INNER =
      AdapterSpec.of("memory", new MemoryAdapterFactory.Config(1, 0));

  private static Faults faults(double rate, long seed, List<Integer> gaps, List<Double> ratios) {
    return new Faults(
        new FaultInjectConfig(INNER, rate, seed, gaps, ratios, rate, rate, rate, 0, 0, rate, rate));
  }

  private static ObjectKey key(int i) {
    byte[] hash = ByteBuffer.allocate(8).putLong(i).array();
    return ObjectKey.of(hash, "org/model", 0x02000200L + i % 3, i % 2, i % 5 == 0 ? "salt" : "");
  }

  @ParameterizedTest
  @CsvSource({
    "'', e4a6a0577479b2b4",
    "abc, d8bb14d833d59559",
    "a*127, 03d6a9be11f3f18a",
    "a*128, f06643fe9c7e18da",
    "a*129, e462535bb0c5a299",
    "0:00ff:m:1:2:s, 2f5609fa5a24f967"
  })
  void digestsAreThoseOfBlake2b(String message, String digest) {
    String text =
        message.startsWith("a*") ? "a".repeat(Integer.parseInt(message.substring(2))) : message;
    assertThat(Blake2b.digest64(text.getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(Long.parseUnsignedLong(digest, 16));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0.25, '5 7 13 20 24 27 31 40 49 50 58 60'",
    "7, 0.25, '10 12 18 31 37 41 48 50 54 55 57 58'",
    "7, 0.5, '3 8 10 12 15 16 17 18 19 20 22 23 29 30 31 32 34 37 40 41 44 47 48 50 52 54 55 56"
        + " 57 58 59 60 62'",
    "7, 0, ''"
  })
  void loadsFailWhereUpstreamsWould(long seed, double rate, String expected) {
    Faults faults = faults(rate, seed, List.of(), List.of());
    assertThat(IntStream.range(0, 64).filter(i -> faults.failsToLoad(key(i))).boxed().toList())
        .isEqualTo(
            Arrays.stream(expected.split(" ", -1))
                .filter(s -> !s.isEmpty())
                .map(Integer::parseInt)
                .toList());
  }

  @Test
  void aSmallRateChoosesFew() {
    Faults faults = faults(0.001, 42, List.of(), List.of());
    assertThat(IntStream.range(0, 4000).filter(i -> faults.failsToLoad(key(i))).boxed().toList())
        .containsExactly(1416, 2048);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0 0 0 0 0 0",
    "2, 1 1 1 0 0 0",
    "3, 2 2 2 1 0 0",
    "4, 3 3 2 2 0 0",
    "6, 5 4 4 2 0 0",
    "9, 8 7 6 4 1 0",
    "256, 255 230 191 128 25 0"
  })
  void tailRatiosRoundAsPythonDoes(int keys, String expected) {
    List<Double> ratios = List.of(0.0, 0.1, 0.25, 0.5, 0.9, 1.0);
    String[] positions = expected.split(" ", -1);
    for (int i = 0; i < ratios.size(); i++) {
      assertThat(faults(0, 0, List.of(), ratios.subList(i, i + 1)).gaps(keys))
          .as("ratio %s of %d keys", ratios.get(i), keys)
          .containsExactly(Integer.parseInt(positions[i]));
    }
  }

  @Test
  void gapsAreWithinTheRequest() {
    assertThat(faults(0, 0, List.of(0, 3, 99), List.of(0.0)).gaps(5))
        .containsExactlyInAnyOrder(0, 3, 4);
  }

  @Test
  void theFaultsAreIndependentOfEachOther() {
    Faults faults = faults(0.5, 1, List.of(), List.of());
    Set<List<Boolean>> seen = new HashSet<>();
    for (int i = 0; i < 2000; i++) {
      ObjectKey key = key(i);
      seen.add(
          List.of(
              faults.failsToLoad(key),
              faults.failsToStore(key),
              faults.failsToLookUp(key),
              faults.failsToDelete(key),
              faults.isCorrupted(key),
              faults.throwsAtSubmit(key)));
    }
    assertThat(seen).as("combinations of six faults").hasSize(64);
  }
}
