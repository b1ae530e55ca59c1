// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The flat JSON of the files in {@code .lmcache/}. */
final class FormatFileTextTest {

  @Test
  void whatIsWrittenIsRead() throws Exception {
    long seed = 20_261_122;
    Random random = new Random(seed);
    int strings = 0;
    for (int round = 0; round < 2_000; round++) {
      Map<String, Object> fields = new LinkedHashMap<>();
      for (int i = random.nextInt(4); i >= 0; i--) {
        Object value =
            switch (random.nextInt(3)) {
              case 0 -> random.nextLong();
              case 1 -> random.nextBoolean();
              default -> text(random);
            };
        strings += value instanceof String ? 1 : 0;
        fields.put(text(random), value);
      }
      String json = FlatJson.write(fields);
      assertThat(FlatJson.read(json.getBytes(UTF_8)))
          .as("seed %s, %s", seed, json)
          .isEqualTo(fields);
    }
    assertThat(strings).isGreaterThan(1_000);
  }

  /** Some of all that may need an escape; halves of surrogate pairs too. */
  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(8); i > 0; i--) {
      text.append((char) (random.nextBoolean() ? random.nextInt(128) : random.nextInt(0x10000)));
    }
    return text.toString();
  }

  @Test
  void escapesAreRead() throws Exception {
    String json = "{\"a\": \"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u00E9\\ud83d\\ude80é🚀\"}";
    assertThat(FlatJson.read(json.getBytes(UTF_8)))
        .isEqualTo(Map.of("a", "\"\\/\b\f\n\r\téé🚀é🚀"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "[]",
        "{",
        "}",
        "{}}",
        "{} x",
        "{,}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\": 1,}",
        "{\"a\": 1 \"b\": 2}",
        "{\"a\": 01}",
        "{\"a\": 1.0}",
        "{\"a\": 1e3}",
        "{\"a\": -}",
        "{\"a\": +1}",
        "{\"a\": 9223372036854775808}",
        "{\"a\": null}",
        "{\"a\": {}}",
        "{\"a\": [1]}",
        "{\"a\": truest}",
        "{\"a\": \"}",
        "{\"a\": \"\n\"}",
        "{\"a\": \"\\x\"}",
        "{\"a\": \"\\u12\"}",
        "{\"a\": \"\\u12g4\"}",
        "{\"a\": \"\\",
        "{\"a\": 1, \"a\": 2}",
        "{a: 1}",
        "\ufeff{}"
      })
  void whatIsNotSuchAnObjectIsMalformed(String json) {
    assertThatThrownBy(() -> FlatJson.read(json.getBytes(UTF_8)))
        .isInstanceOf(FlatJson.MalformedException.class);
  }

  @Test
  void whatIsNotUtf8IsMalformed() {
    assertThatThrownBy(() -> FlatJson.read("{\"a\": \"é\"}".getBytes(ISO_8859_1)))
        .isInstanceOf(FlatJson.MalformedException.class)
        .hasMessage("is not UTF-8");
  }
}
