// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lmcache.spi.ObjectKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ObjectFileNamesTest {

  private static ObjectKey key(String hash, String model, long rank, int group, String salt) {
    return ObjectKey.of(HexFormat.of().parseHex(hash), model, rank, group, salt);
  }

  static List<Arguments> goldenVectors() {
    return List.of(
        Arguments.of(
            key("deadbeef", "llama", 0x01000100L, 0, ""), "llama@0x01000100@0@deadbeef.data"),
        Arguments.of(
            key("deadbeef", "llama", 0x01000100L, 0, "tenant-a"),
            "llama@0x01000100@0@deadbeef@tenant-a.data"),
        Arguments.of(
            key("00ff", "meta-llama/Llama-3.1-8B", 0x08030803L, 0, ""),
            "meta-llama-SEP-Llama-3.1-8B@0x08030803@0@00ff.data"),
        Arguments.of(
            key("0123456789abcdef", "/models//x/", 0, 0, ""),
            "-SEP-models-SEP--SEP-x-SEP-@0x00000000@0@0123456789abcdef.data"),
        Arguments.of(key("ab", "m", 0xffffffffL, 0, ""), "m@0xffffffff@0@ab.data"),
        Arguments.of(key("ab", "m", 0x100000001L, 0, ""), "m@0x100000001@0@ab.data"),
        Arguments.of(
            key("ab", "m", Long.MAX_VALUE, Integer.MAX_VALUE, ""),
            "m@0x7fffffffffffffff@7fffffff@ab.data"),
        Arguments.of(key("ab", "m", 1, 0x1f, ""), "m@0x00000001@1f@ab.data"),
        Arguments.of(key("", "m", 1, 0, ""), "m@0x00000001@0@.data"),
        Arguments.of(key("", "m", 1, 0, "s"), "m@0x00000001@0@@s.data"),
        Arguments.of(key("ab", "", 1, 0, ""), "@0x00000001@0@ab.data"),
        Arguments.of(
            key("ab", "模型/größe-🚀", 1, 0, "später"),
            "模型-SEP-größe-🚀@0x00000001@0@ab@später.data"),
        Arguments.of(key("ab", "..", 1, 0, ".data"), "..@0x00000001@0@ab@.data.data"),
        Arguments.of(
            key("ab", " -SEP%2F\\.data", 1, 0, " "), " -SEP%2F\\.data@0x00000001@0@ab@ .data"));
  }

  @ParameterizedTest
  @MethodSource("goldenVectors")
  void namesAreUpstreams(ObjectKey key, String name) throws Exception {
    assertThat(ObjectFileNames.encode(key)).isEqualTo(name);
    assertThat(ObjectFileNames.decode(name)).isEqualTo(key);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a-SEP-b",
        "-SEP-",
        "-SEP/",
        "a-SEP/b",
        "a-SEP/SEP-b",
        "-SEP-SEP-",
        "a/b-SEP-c",
        "-SEP/-SEP/",
        "/-SEP/SEP-"
      })
  void modelsThatWouldDecodeToOthersAreRefused(String model) {
    assertThatExceptionOfType(UnsupportedKeyException.class)
        .isThrownBy(() -> ObjectFileNames.encode(key("ab", model, 1, 0, "")))
        .withMessageContaining("-SEP-")
        .withMessageContaining(model + "@00000001@0@ab");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a/b", "/SEP-", "a/SEP-b", "-SEP", "SEP-", "a-SEPb", "-sep-", "--SEP", "/", "//"})
  void modelsThatOnlyLookLikeItAreNot(String model) throws Exception {
    ObjectKey key = key("ab", model, 1, 0, "");

    assertThat(ObjectFileNames.decode(ObjectFileNames.encode(key))).isEqualTo(key);
  }

  /** All models of up to six pieces that make, overlap and complete the reserved text. */
  @Test
  void noTwoModelsShareAName() throws Exception {
    List<String> pieces = List.of("/", "-SEP-", "-SEP", "SEP-", "-", "S", "EP-");
    Map<String, String> modelByName = new HashMap<>();
    Map<String, String> modelByUpstreamName = new HashMap<>();
    int refused = 0;
    int collisionsUpstream = 0;
    List<String> models = new ArrayList<>(List.of(""));
    for (int from = 0, length = 0; length < 6; length++) {
      int to = models.size();
      for (; from < to; from++) {
        for (String piece : pieces) {
          models.add(models.get(from) + piece);
        }
      }
    }
    for (String model : new LinkedHashSet<>(models)) {
      String written = model.replace("/", "-SEP-");
      collisionsUpstream += modelByUpstreamName.put(written, model) == null ? 0 : 1;
      try {
        String name = ObjectFileNames.encode(key("ab", model, 1, 0, ""));
        assertThat(modelByName.put(name, model)).as("shares a file with %s", model).isNull();
        assertThat(name).startsWith(written + "@");
      } catch (UnsupportedKeyException e) {
        refused++;
        // Not without need: the name belongs to another model.
        String owner = written.replace("-SEP-", "/");
        assertThat(owner).isNotEqualTo(model);
        assertThat(ObjectFileNames.encode(key("ab", owner, 1, 0, ""))).startsWith(written + "@");
      }
    }
    assertThat(collisionsUpstream).isGreaterThan(10_000);
    assertThat(refused).isGreaterThanOrEqualTo(collisionsUpstream);
    assertThat(modelByName).hasSizeGreaterThan(10_000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".data",
        "m",
        "m@0x00000001@0@ab",
        "m@0x00000001@0@ab.tmp",
        "m@0x00000001@0@ab.DATA",
        "m@0x00000001@0@ab.data.tmp",
        "m@0x00000001@0@ab.data ",
        "m@0x00000001@0@abdata",
        "m@0x00000001@0@AB.data",
        "m@0x00000001@0@aB.data",
        "m@0x0000000A@0@ab.data",
        "m@0x00000001@1F@ab.data",
        "m@0X00000001@0@ab.data",
        "m@00000001@0@ab.data",
        "m@0x0000001@0@ab.data",
        "m@0x000000001@0@ab.data",
        "m@0x1@0@ab.data",
        "m@0x@0@ab.data",
        "m@0x+0000001@0@ab.data",
        "m@0x-0000001@0@ab.data",
        "m@0x00000001@+5@ab.data",
        "m@0x00000001@-5@ab.data",
        "m@0x00000001@05@ab.data",
        "m@0x00000001@00@ab.data",
        "m@0x00000001@@ab.data",
        "m@0x00000001@g@ab.data",
        "m@0x00000001@80000000@ab.data",
        "m@0x00000001@100000001@ab.data",
        "m@0x00000001@8000000000000001@ab.data",
        "m@0x00000001@10000000000000001@ab.data",
        "m@0x8000000000000000@0@ab.data",
        "m@0x10000000000000000@0@ab.data",
        "m@0x0000000\u0661@0@ab.data",
        "m@0x00000001@\uff15@ab.data",
        "m@0x00000001@0@abc.data",
        "m@0x00000001@0@0xab.data",
        "m@0x00000001@0@a\uff15.data",
        "m@0x00000001@0@zz.data",
        "m@0x00000001@0@ab@.data",
        "m@0x00000001@0@ab@salt@.data",
        "m@0x00000001@0@ab@salt@more.data",
        "m@0x00000001@0@ab@sa\\lt.data",
        "m@0x00000001@0@ab@sa/lt.data",
        "a/b@0x00000001@0@ab.data",
        "m@0x00000001@ab.data",
        "m@0x00000001@deadbeef@salt.data",
        "m@0x00000001.data",
        "m.data",
        "m\n@0x00000001@0@ab.data",
        "m\u0000@0x00000001@0@ab.data",
        "m\ud800@0x00000001@0@ab.data",
        ".lmc-1b4e28ba-2fa1-11d2-883f-0016d3cca427-7.tmp"
      })
  void otherNamesAreForeign(String name) {
    assertThat(ObjectFileNames.decode(name)).isNull();
  }

  /** Upstream's former form has no group; with a salt of hex digits it reads as the new one. */
  @Test
  void aFormerSaltedNameReadsAsTheNewForm() {
    assertThat(ObjectFileNames.decode("m@0x00000001@0@ab.data"))
        .isEqualTo(key("ab", "m", 1, 0, ""));
  }

  @Test
  void aSaltMayHaveAllItsCharacters() throws Exception {
    ObjectKey key = key("ab", "m", 1, 0, "s".repeat(ObjectKey.MAX_SALT_CHARACTERS));

    assertThat(ObjectFileNames.decode(ObjectFileNames.encode(key))).isEqualTo(key);
    assertThat(ObjectFileNames.decode("m@0x00000001@0@ab@" + "s".repeat(129) + ".data")).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "é", "模", "/"})
  void aNameHas255BytesAtMost(String last) throws Exception {
    int rest = "@0x00000001@0@ab.data".length();
    int lastBytes = last.equals("/") ? 5 : last.getBytes(StandardCharsets.UTF_8).length;
    String fits = "m".repeat(255 - rest - lastBytes) + last;
    String tooLong = "m" + fits;

    String name = ObjectFileNames.encode(key("ab", fits, 1, 0, ""));
    assertThat(name.getBytes(StandardCharsets.UTF_8)).hasSize(ObjectFileNames.NAME_MAX);
    assertThat(ObjectFileNames.decode(name)).isEqualTo(key("ab", fits, 1, 0, ""));
    assertThatExceptionOfType(UnsupportedKeyException.class)
        .isThrownBy(() -> ObjectFileNames.encode(key("ab", tooLong, 1, 0, "")))
        .withMessageContaining("256 bytes")
        .withMessageContaining("at most 255");
    assertThat(ObjectFileNames.decode("m" + name)).isNull();
  }

  /** What upstream writes under one name, two keys; at most one of them may have it here. */
  @ParameterizedTest
  @CsvSource({
    "a-SEP-b, a/b",
    "a-SEP/SEP-b, a-SEP-SEP-SEP-b",
    "a-SEP/-SEP-b, a-SEP-SEP--SEP-b",
    "-SEP-, /",
    "-SEP-/, //",
    "/-SEP-, //",
    "-SEP-SEP-, /SEP-",
    "a-SEP-b-SEP-c, a/b/c",
    "a/b-SEP-c, a/b/c",
    "a-SEP-b/c, a/b/c"
  })
  void ofTwoModelsThatUpstreamWritesAlikeAtMostOneHasAName(String one, String other) {
    assertThat(one.replace("/", "-SEP-")).isEqualTo(other.replace("/", "-SEP-"));
    List<String> named = new ArrayList<>();
    for (String model : List.of(one, other)) {
      try {
        String name = ObjectFileNames.encode(key("ab", model, 1, 0, ""));
        assertThat(ObjectFileNames.decode(name)).isEqualTo(key("ab", model, 1, 0, ""));
        named.add(model);
      } catch (UnsupportedKeyException e) {
        assertThat(e).hasMessageContaining("-SEP-").hasMessageContaining(model);
      }
    }
    assertThat(named).isNotEqualTo(List.of(one, other)).doesNotContain(one);
  }

  @Test
  void equalModelsAndSaltsCanBeOneString() {
    Map<String, String> pool = new HashMap<>();
    List<String> asked = new ArrayList<>();
    UnaryOperator<String> intern =
        text -> {
          asked.add(text);
          return pool.computeIfAbsent(text, Function.identity());
        };
    ObjectKey one = decoded("a-SEP-b@0x00000001@0@01@s.data", intern);
    ObjectKey other = decoded("a-SEP-b@0x00000002@0@02@s.data", intern);

    assertThat(asked).containsExactly("a/b", "s", "a/b", "s");
    assertThat(one.modelName()).isSameAs(other.modelName());
    assertThat(one.cacheSalt()).isSameAs(other.cacheSalt());
    assertThat(decoded("m@0x00000001@0@ab.data", intern).cacheSalt()).isEmpty();
    assertThat(ObjectFileNames.decode("m@0x1@0@ab.data", intern)).isNull();
    assertThat(asked).as("neither of no salt nor of a foreign name").hasSize(5);
  }

  private static ObjectKey decoded(String name, UnaryOperator<String> intern) {
    return Objects.requireNonNull(ObjectFileNames.decode(name, intern), name);
  }
}
