// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.ObjectKey;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ObjectFileNamesRandomTest {

  private static final int KEYS = 1_000_000;
  private static final List<String> PIECES =
      List.of(
          "/",
          "/",
          "-",
          "-",
          "S",
          "E",
          "P",
          "SEP",
          "-SEP",
          "SEP-",
          "-SEP-",
          ".",
          ".data",
          " ",
          "é",
          "模",
          "🚀",
          "%",
          "%2F",
          "0x",
          "a",
          "long-enough-to-pass-255-bytes-sometimes");
  private static final List<String> SALTS = List.of("", "", "a", "-SEP-", ".data", "0", "é %");

  @Test
  void keysHaveNamesOfTheirOwnAndComeBack() {
    Random random = new Random(42);
    long[] keyPrints = new long[KEYS];
    long[] namePrints = new long[KEYS];
    int named = 0;
    int reserved = 0;
    int tooLong = 0;
    for (int i = 0; i < KEYS; i++) {
      ObjectKey key = randomKey(random);
      try {
        String name = ObjectFileNames.encode(key);
        if (!Objects.equals(ObjectFileNames.decode(name), key)) {
          throw new AssertionError(key + " became " + name);
        }
        keyPrints[named] = fingerprint(key.toString());
        namePrints[named] = fingerprint(name);
        named++;
      } catch (UnsupportedKeyException e) {
        if (!modelAsUpstreamReadsIt(key.modelName()).equals(key.modelName())) {
          reserved++;
        } else if (upstreamName(key).getBytes(StandardCharsets.UTF_8).length > 255) {
          tooLong++;
        } else {
          throw new AssertionError("refused without need: " + key, e);
        }
      }
    }
    long keys = Arrays.stream(keyPrints, 0, named).distinct().count();
    long names = Arrays.stream(namePrints, 0, named).distinct().count();

    assertThat(names).isEqualTo(keys);
    assertThat(keys).isGreaterThan(KEYS / 2);
    assertThat(named - keys).as("the same key again").isGreaterThan(1_000);
    assertThat(reserved).isGreaterThan(KEYS / 10);
    assertThat(tooLong).isGreaterThan(100);
    assertThat(named + reserved + tooLong).isEqualTo(KEYS);
  }

  /** Names that are almost right: whatever has a key is exactly that key's name. */
  @Test
  void aNameThatHasAKeyIsThatKeysName() throws Exception {
    Random random = new Random(43);
    String alphabet = "@@@/-SEPxX0019afAF.dat+ é%\u0000\ud83d";
    int ours = 0;
    int foreign = 0;
    while (ours + foreign < 100_000) {
      String upstream = upstreamName(randomKey(random));
      StringBuilder name = new StringBuilder(upstream);
      for (int edits = 1 + random.nextInt(2); edits > 0; edits--) {
        char c = alphabet.charAt(random.nextInt(alphabet.length()));
        int at = random.nextInt(name.length());
        switch (random.nextInt(4)) {
          case 0 -> name.setCharAt(at, c);
          case 1 -> name.insert(at, c);
          case 2 -> name.deleteCharAt(at);
          default -> name.setCharAt(at, Character.toUpperCase(name.charAt(at)));
        }
      }
      @Nullable ObjectKey key = ObjectFileNames.decode(name.toString());
      if (key == null) {
        foreign++;
      } else {
        ours++;
        assertThat(ObjectFileNames.encode(key)).isEqualTo(name.toString());
      }
    }
    assertThat(ours).isGreaterThan(10_000);
    assertThat(foreign).isGreaterThan(10_000);
  }

  private static ObjectKey randomKey(Random random) {
    StringBuilder model = new StringBuilder();
    for (int pieces = random.nextInt(random.nextInt(50) == 0 ? 80 : 8); pieces > 0; pieces--) {
      model.append(PIECES.get(random.nextInt(PIECES.size())));
    }
    byte[] hash = new byte[random.nextInt(5)];
    random.nextBytes(hash);
    return ObjectKey.of(
        hash,
        model.toString(),
        random.nextBoolean() ? 1 : (random.nextLong() & Long.MAX_VALUE) >>> random.nextInt(63),
        random.nextBoolean() ? 0 : (random.nextInt() & Integer.MAX_VALUE) >>> random.nextInt(31),
        SALTS.get(random.nextInt(SALTS.size())));
  }

  /** Upstream's name, written down a second time. */
  private static String upstreamName(ObjectKey key) {
    StringBuilder hash = new StringBuilder();
    for (byte b : key.chunkHash()) {
      hash.append(String.format(Locale.ROOT, "%02x", b));
    }
    return String.join("-SEP-", key.modelName().split("/", -1))
        + String.format(Locale.ROOT, "@0x%08x@%x@", key.kvRank(), key.objectGroupId())
        + hash
        + (key.cacheSalt().isEmpty() ? "" : "@" + key.cacheSalt())
        + ".data";
  }

  /** The model that a reader of upstream's name finds, scanning it by hand. */
  private static String modelAsUpstreamReadsIt(String model) {
    String written = String.join("-SEP-", model.split("/", -1));
    StringBuilder read = new StringBuilder();
    for (int i = 0; i < written.length(); ) {
      boolean marker = written.startsWith("-SEP-", i);
      read.append(marker ? '/' : written.charAt(i));
      i += marker ? 5 : 1;
    }
    return read.toString();
  }

  private static long fingerprint(String text) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
    }
    return hash;
  }
}
