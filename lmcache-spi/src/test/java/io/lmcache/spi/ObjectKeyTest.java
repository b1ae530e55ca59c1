// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A key's rules, and its string form, which must never change: it is what others have stored. */
class ObjectKeyTest {

  private static final byte[] HASH = HexFormat.of().parseHex("00ff7f80");

  /** A face outside of the basic plane: one character, two chars, four bytes. */
  private static final String FACE = "\ud83d\ude00";

  private static ObjectKey key(String model, long rank, int group, String salt) {
    return ObjectKey.of(HASH, model, rank, group, salt);
  }

  @ParameterizedTest
  @CsvSource({
    "m, 0, 0, '', m@00000000@0@00ff7f80",
    "meta/Llama-3 8B, 1, 10, '', meta/Llama-3 8B@00000001@a@00ff7f80",
    "m, 4294967295, 0, tenant-1, m@ffffffff@0@00ff7f80@tenant-1",
    "m, 4294967296, 0, '', m@100000000@0@00ff7f80",
    "m, 9223372036854775807, 2147483647, s t, m@7fffffffffffffff@7fffffff@00ff7f80@s t",
    "m\\é, 255, 16, é, m\\é@000000ff@10@00ff7f80@é",
    "'', 0, 0, '', @00000000@0@00ff7f80"
  })
  void theCanonicalFormIsFixed(String model, long rank, int group, String salt, String form) {
    ObjectKey key = key(model, rank, group, salt);

    assertThat(key).hasToString(form);
    assertThat(ObjectKey.parse(form)).isEqualTo(key).hasSameHashCodeAs(key);
  }

  @Test
  void theHashMayHaveAnyLength() {
    byte[] sha256 = new byte[32];
    sha256[31] = 1;

    assertThat(ObjectKey.of(new byte[0], "m", 0)).hasToString("m@00000000@0@");
    assertThat(ObjectKey.parse("m@00000000@0@").chunkHash()).isEmpty();
    assertThat(ObjectKey.of(sha256, "m", 0).chunkHashHex()).isEqualTo("0".repeat(63) + "1");
  }

  @Test
  void partsAreWhatWasGiven() {
    ObjectKey key = key("m", 0x1_0000_0002L, 7, "s");

    assertThat(key.chunkHash()).isEqualTo(HASH);
    assertThat(key.chunkHashHex()).isEqualTo("00ff7f80");
    assertThat(key.modelName()).isEqualTo("m");
    assertThat(key.kvRank()).isEqualTo(0x1_0000_0002L);
    assertThat(key.kvRankHex()).isEqualTo("100000002");
    assertThat(key.objectGroupId()).isEqualTo(7);
    assertThat(key.cacheSalt()).isEqualTo("s");
    assertThat(ObjectKey.of(HASH, "m", 3)).isEqualTo(key("m", 3, 0, ""));
  }

  @Test
  void nobodyCanChangeAKey() {
    byte[] given = HASH.clone();
    ObjectKey key = ObjectKey.of(given, "m", 0);
    given[0] = 9;
    key.chunkHash()[1] = 9;

    assertThat(key).isEqualTo(ObjectKey.of(HASH, "m", 0)).hasToString("m@00000000@0@00ff7f80");
  }

  @Test
  void everyPartCounts() {
    ObjectKey key = key("m", 1, 2, "s");

    assertThat(key)
        .isEqualTo(key("m", 1, 2, "s"))
        .isNotEqualTo(ObjectKey.of(new byte[] {1}, "m", 1, 2, "s"))
        .isNotEqualTo(key("n", 1, 2, "s"))
        .isNotEqualTo(key("m", 0x1_0000_0000L, 2, "s"))
        .isNotEqualTo(key("m", 1, 3, "s"))
        .isNotEqualTo(key("m", 1, 2, ""))
        .isNotEqualTo("m@00000001@2@00ff7f80@s");
  }

  @Test
  void keysWithOneHashCodeMayDiffer() {
    // "Aa" and "BB" have one hash code; equality must look further.
    ObjectKey one = key("Aa", 0, 0, "");
    ObjectKey other = key("BB", 0, 0, "");

    assertThat(one).hasSameHashCodeAs(other).isNotEqualTo(other);
  }

  @Test
  void numbersAreNotNegative() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> key("m", -1, 0, ""))
        .withMessage("kv_rank must be >= 0, got -1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> key("m", Long.MIN_VALUE, 0, ""))
        .withMessageContaining("kv_rank");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> key("m", 0, -5, ""))
        .withMessage("object_group_id must be >= 0, got -5");
  }

  @Test
  void separatorsAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> key("a@b", 0, 0, ""))
        .withMessage("model_name must not contain '@'");
    for (char c : new char[] {'@', '/', '\\'}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> key("m", 0, 0, "a" + c))
          .withMessage("cache_salt must not contain '" + c + "'");
    }
    assertThatCode(() -> key("a/b\\c", 0, 0, "")).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(ints = {0x00, 0x07, 0x0a, 0x1b, 0x1f, 0x7f, 0x80, 0x85, 0x9f})
  void controlCharactersAreRefused(int c) {
    String text = "a" + (char) c;
    String named = String.format("control character U+%04X", c);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> key(text, 0, 0, ""))
        .withMessageContainingAll("model_name", named);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> key("m", 0, 0, text))
        .withMessageContainingAll("cache_salt", named);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\ud83d", "\ude00", "a\ud83d", "\ud83da", "\ude00\ud83d", "\ud83d\ud83d"})
  void halfCharactersAreRefused(String half) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> key(half, 0, 0, ""))
        .withMessage("model_name must not contain an unpaired surrogate");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> key("m", 0, 0, half))
        .withMessage("cache_salt must not contain an unpaired surrogate");
  }

  @Test
  void wholeCharactersOutsideTheBasicPlaneAreFine() {
    ObjectKey key = key(FACE + "m" + FACE, 0, 0, FACE);

    assertThat(ObjectKey.parse(key.toString())).isEqualTo(key);
  }

  @Test
  void theSaltIsCountedInCharactersNotChars() {
    String longest = FACE.repeat(ObjectKey.MAX_SALT_CHARACTERS);

    assertThat(longest).hasSize(256);
    assertThat(key("m", 0, 0, longest).cacheSalt()).isEqualTo(longest);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> key("m", 0, 0, longest + "x"))
        .withMessage("cache_salt exceeds max length 128 characters");
    assertThatIllegalArgumentException().isThrownBy(() -> key("m", 0, 0, "x".repeat(129)));
  }

  @Test
  void theWholeFormHasABoundInBytes() {
    int rest = "@00000000@0@00ff7f80".length();
    String longest = "x".repeat(ObjectKey.MAX_CANONICAL_BYTES - rest);
    String longestWide = "\u00e9".repeat(longest.length() / 2);

    assertThat(key(longest, 0, 0, "").toString().getBytes(StandardCharsets.UTF_8)).hasSize(2048);
    assertThat(key(longestWide, 0, 0, "").toString().length()).isLessThan(1100);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> key(longest + "x", 0, 0, ""))
        .withMessageContainingAll("2049 bytes", "2048");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> key(longestWide + "\u00e9", 0, 0, ""))
        .withMessageContaining("bytes, at most 2048");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ObjectKey.of(new byte[2048], "m", 0))
        .withMessageContaining("bytes, at most 2048");
  }

  @Test
  @SuppressWarnings("NullAway") // Callers that are not checked for null.
  void nullIsRefusedByName() {
    assertThatNullPointerException()
        .isThrownBy(() -> key(null, 0, 0, ""))
        .withMessage("model_name");
    assertThatNullPointerException()
        .isThrownBy(() -> key("m", 0, 0, null))
        .withMessage("cache_salt");
    assertThatNullPointerException().isThrownBy(() -> ObjectKey.of(null, "m", 0));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "m",
        "m@0@0",
        "m@00000000@0@00@s@t",
        "m@0@0@00",
        "m@000000000@0@00",
        "m@00000000@00@00",
        "m@0000000A@0@00",
        "m@0000000a@A@00",
        "m@00000000@0@0A",
        "m@00000000@0@0",
        "m@00000000@0@zz",
        "m@00000000@0@00@",
        "m@-0000001@0@00",
        "m@+0000001@0@00",
        "m@00000001@-1@00",
        "m@00000001@+1@00",
        "m@@0@00",
        "m@00000000@@00",
        "m@8000000000000000@0@00",
        "m@ffffffffffffffff@0@00",
        "m@00000000@80000000@00",
        "m@0x000001@0@00",
        "m@ 0000001@0@00",
        "m@0000000\u0661@0@00",
        "m@00000000@0@\uff10\uff10",
        "m@00000000@0@00@a/b",
        "m\n@00000000@0@00",
        "\ud83d@00000000@0@00"
      })
  void whatIsNotCanonicalIsNoKey(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> ObjectKey.parse(text));
  }

  @Test
  void refusalsOfTheStringFormSayWhatIsWrong() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ObjectKey.parse("m@0@0"))
        .withMessage("a key has 4 or 5 fields separated by '@', got 3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ObjectKey.parse("m@xyz@0@00"))
        .withMessageContainingAll("kv_rank and object_group_id must be hexadecimal", "xyz");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ObjectKey.parse("m@0@0@00"))
        .withMessage("not the canonical form; that is m@00000000@0@00");
  }

  @Test
  void tenThousandRandomKeysComeBackAsTheyWere() {
    long seed = 20_261_122;
    Random random = new Random(seed);
    for (int i = 0; i < 10_000; i++) {
      byte[] hash = new byte[random.nextInt(40)];
      random.nextBytes(hash);
      ObjectKey key =
          ObjectKey.of(
              hash,
              text(random, 60, "@"),
              random.nextLong() >>> (1 + random.nextInt(63)),
              random.nextInt() >>> (1 + random.nextInt(31)),
              text(random, 20, "@/\\"));
      ObjectKey back = ObjectKey.parse(key.toString());

      assertThat(back).as("seed %d, key %d: %s", seed, i, key).isEqualTo(key);
      assertThat(back.hashCode()).isEqualTo(key.hashCode());
      assertThat(back.toString()).isEqualTo(key.toString());
    }
  }

  private static String text(Random random, int longest, String forbidden) {
    StringBuilder text = new StringBuilder();
    for (int length = random.nextInt(longest + 1); length > 0; length--) {
      int c = random.nextBoolean() ? 32 + random.nextInt(95) : random.nextInt(0x11_0000);
      boolean legal = !Character.isISOControl(c) && Character.getType(c) != Character.SURROGATE;
      if (legal && forbidden.indexOf(c) < 0) {
        text.appendCodePoint(c);
      }
    }
    return text.toString();
  }
}
