// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.ObjectKey;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ObjectFileNamesRandomTest {

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

  /** Every layout at once: each makes a million paths. */
  @Test
  void keysHavePlacesOfTheirOwnAndComeBack() {
    Random random = new Random(42);
    ObjectNames[] layouts = {
      new ObjectNames(0, true), new ObjectNames(1, true), new ObjectNames(2, true)
    };
    long[] keyPrints = new long[KEYS];
    long[][] pathPrints = new long[layouts.length][KEYS];
    int named = 0;
    int reserved = 0;
    int digests = 0;
    for (int i = 0; i < KEYS; i++) {
      ObjectKey key = randomKey(random);
      try {
        boolean digest = false;
        for (int levels = 0; levels < layouts.length; levels++) {
          ObjectName name = layouts[levels].of(key);
          checkItComesBack(layouts[levels], name, key);
          pathPrints[levels][named] = fingerprint(name.path());
          digest = name.digest();
        }
        if (digest != upstreamName(key).getBytes(StandardCharsets.UTF_8).length > 255) {
          throw new AssertionError("a digest without need, or none in need: " + key);
        }
        keyPrints[named] = fingerprint(key.toString());
        named++;
        digests += digest ? 1 : 0;
      } catch (UnsupportedKeyException e) {
        if (modelAsUpstreamReadsIt(key.modelName()).equals(key.modelName())) {
          throw new AssertionError("refused without need: " + key, e);
        }
        reserved++;
      }
    }
    int keys = distinct(keyPrints, named);
    for (long[] prints : pathPrints) {
      assertThat(distinct(prints, named)).isEqualTo(keys);
    }
    assertThat(keys).isGreaterThan(KEYS / 2);
    assertThat(named - keys).as("the same key again").isGreaterThan(1_000);
    assertThat(reserved).isGreaterThan(KEYS / 10);
    assertThat(digests).isGreaterThan(10_000);
    assertThat(named + reserved).isEqualTo(KEYS);
  }

  private static void checkItComesBack(ObjectNames layout, ObjectName name, ObjectKey key) {
    ObjectKey back =
        name.digest()
            ? layout.decodeDigest(name.directory(), name.file(), key.toString())
            : layout.decode(name.directory(), name.file());
    if (!Objects.equals(back, key)) {
      throw new AssertionError(key + " became " + name);
    }
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
    if (random.nextInt(20) == 0) {
      model.append("m".repeat(150 + random.nextInt(150))); // Around the longest name.
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
      hash.append("0123456789abcdef".charAt((b & 0xff) / 16));
      hash.append("0123456789abcdef".charAt((b & 0xff) % 16));
    }
    String rank = Long.toHexString(key.kvRank());
    return String.join("-SEP-", key.modelName().split("/", -1))
        + "@0x"
        + "00000000".substring(Math.min(rank.length(), 8))
        + rank
        + "@"
        + Integer.toHexString(key.objectGroupId())
        + "@"
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

  private static int distinct(long[] prints, int count) {
    long[] sorted = Arrays.copyOf(prints, count);
    Arrays.sort(sorted);
    int distinct = count == 0 ? 0 : 1;
    for (int i = 1; i < count; i++) {
      distinct += sorted[i] == sorted[i - 1] ? 0 : 1;
    }
    return distinct;
  }

  private static long fingerprint(String text) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
    }
    return hash;
  }
}
