// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.l2.fs.ObjectAttribute.State;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The table, written a second time, in another order and with other arithmetic. */
final class VerdictOracleTest {

  private static final int CASES = 300_000;
  private static final byte[] DIGEST = new byte[16];

  @Test
  void theTwoTablesAgree() {
    Random random = new Random(10);
    Map<Verdict, Integer> verdicts = new EnumMap<>(Verdict.class);
    Map<Verdict.Standing, Integer> standings = new EnumMap<>(Verdict.Standing.class);
    for (int i = 0; i < CASES; i++) {
      long wanted = size(random);
      long file = random.nextInt(3) == 0 ? wanted : near(random, wanted);
      State attribute = attribute(random, random.nextInt(4) == 0 ? size(random) : file);

      Verdict verdict = Verdict.judge(wanted, file, attribute, DIGEST);
      Verdict.Standing standing = Verdict.Standing.judge(wanted, file, attribute, DIGEST);

      assertThat(verdict)
          .as("case %d: wanted %d, file %d, %s", i, wanted, file, attribute)
          .isSameAs(expected(wanted, file, attribute));
      assertThat(standing)
          .as("case %d: stored %d, file %d, %s", i, wanted, file, attribute)
          .isSameAs(expectedStanding(wanted, file, attribute));
      verdicts.merge(verdict, 1, Integer::sum);
      standings.merge(standing, 1, Integer::sum);
    }
    assertThat(verdicts).hasSize(Verdict.values().length);
    assertThat(verdicts.values()).allMatch(cases -> cases > 1_000);
    assertThat(standings).hasSize(Verdict.Standing.values().length);
    assertThat(standings.values()).allMatch(cases -> cases > 1_000);
  }

  private static Verdict expected(long wanted, long file, State attribute) {
    boolean same = wanted == file;
    if (attribute instanceof State.Present present) {
      ObjectAttribute said = present.attribute();
      boolean truthful = said.length() == file && Arrays.equals(said.keyDigest(), DIGEST);
      if (!truthful) {
        return Verdict.CORRUPT;
      }
      return same ? Verdict.VERIFY : Verdict.SIZE_MISMATCH;
    }
    if (attribute == State.ABSENT) {
      if (same || paddingExplains(wanted, file)) {
        return Verdict.UNVERIFIED;
      }
      return file == 0 ? Verdict.EMPTY : Verdict.SIZE_MISMATCH;
    }
    return attribute == State.NEWER ? Verdict.FOREIGN : Verdict.CORRUPT;
  }

  private static boolean paddingExplains(long wanted, long file) {
    for (int power = 9; power <= 16; power++) {
      BigInteger unit = BigInteger.TWO.pow(power);
      BigInteger[] parts = BigInteger.valueOf(wanted).divideAndRemainder(unit);
      BigInteger units = parts[1].signum() == 0 ? parts[0] : parts[0].add(BigInteger.ONE);
      if (units.multiply(unit).equals(BigInteger.valueOf(file))) {
        return true;
      }
    }
    return false;
  }

  private static Verdict.Standing expectedStanding(long stored, long file, State attribute) {
    return switch (expected(stored, file, attribute)) {
      case FOREIGN -> Verdict.Standing.FOREIGN;
      case VERIFY -> Verdict.Standing.ALREADY_PRESENT;
      case UNVERIFIED ->
          stored == file ? Verdict.Standing.ALREADY_PRESENT : Verdict.Standing.REPLACE;
      case CORRUPT, SIZE_MISMATCH, EMPTY -> Verdict.Standing.REPLACE;
    };
  }

  private static long size(Random random) {
    return switch (random.nextInt(6)) {
      case 0 -> 0;
      case 1 -> Long.MAX_VALUE - random.nextInt(3);
      case 2 -> random.nextLong() >>> (1 + random.nextInt(63));
      case 3 -> 512L * random.nextInt(300);
      default -> random.nextInt(140_000);
    };
  }

  /** What a file that was meant to have this size may have. */
  private static long near(Random random, long wanted) {
    return switch (random.nextInt(4)) {
      case 0 -> 0;
      case 1 -> Math.max(0, wanted - 1 - random.nextInt(2));
      case 2 -> size(random);
      default -> {
        long unit = 1L << (7 + random.nextInt(12));
        long more = unit - wanted % unit;
        yield wanted > Long.MAX_VALUE - more ? wanted : wanted + more;
      }
    };
  }

  private static State attribute(Random random, long length) {
    byte[] digest = DIGEST.clone();
    if (random.nextInt(8) == 0) {
      digest[random.nextInt(16)] ^= (byte) (1 << random.nextInt(8));
    }
    return switch (random.nextInt(6)) {
      case 0 -> State.MALFORMED;
      case 1 -> State.NEWER;
      case 2 -> new State.Present(ObjectAttribute.withChecksum(length, random.nextInt(), digest));
      case 3 -> new State.Present(ObjectAttribute.withoutChecksum(length, digest));
      default -> State.ABSENT;
    };
  }
}
