// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lmcache.core.fixture.EverythingConfig;
import io.lmcache.core.fixture.EverythingConfig.Box;
import io.lmcache.core.fixture.EverythingConfig.Colour;
import io.lmcache.core.fixture.Factories;
import io.lmcache.core.fixture.FsConfig;
import io.lmcache.core.fixture.FsConfig.Direct;
import io.lmcache.core.fixture.SecretConfig;
import io.lmcache.core.fixture.WrapConfig;
import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.CommonConfig;
import io.lmcache.spi.ConfigField;
import io.lmcache.spi.EvictionConfig;
import io.lmcache.spi.EvictionPolicy;
import io.lmcache.spi.L2ConfigException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Configurations that are right, and the records that come of them. */
class GoodConfigurationTest {

  @TempDir static Path directory;
  private static AdapterRegistry registry;

  /** Another view of the same object. */
  record Other(@ConfigField(name = "base_path", doc = "as a text") String basePath) {}

  @BeforeAll
  static void discover() {
    registry =
        AdapterRegistry.discover(
            Factories.loader(
                directory,
                Factories.Fs.class,
                Factories.Everything.class,
                Factories.Wrap.class,
                Factories.Secretive.class));
  }

  private static <C extends Record> C bind(String json, Class<C> type) throws L2ConfigException {
    return registry.parse("it", json).bind(type);
  }

  @Test
  void whatIsAbsentHasItsDefault() throws L2ConfigException {
    assertThat(bind("{\"type\": \"fs_native\", \"base_path\": \"/data/l2\"}", FsConfig.class))
        .isEqualTo(new FsConfig(Path.of("/data/l2"), 4, "", Direct.OFF, null, 0));
    assertThat(bind("{\"type\": \"everything\"}", EverythingConfig.class))
        .isEqualTo(
            new EverythingConfig(
                "x y",
                null,
                true,
                null,
                -5,
                0,
                null,
                Long.MAX_VALUE,
                null,
                0.25,
                null,
                Path.of("a/b"),
                null,
                Colour.DARK_RED,
                null,
                List.of("a", "b"),
                List.of(),
                null,
                List.of(),
                new Box(2, 2, List.of(), ""),
                null,
                null));
  }

  @Test
  void everyTypeIsRead() throws L2ConfigException {
    String json =
        """
        {"type": "everything", "text": "a\\"b\\u00e9", "maybe_text": "", "flag": false,
         "maybe_flag": true, "small": -0, "any_int": -2147483648, "maybe_int": 2147483647,
         "big": -9223372036854775808, "maybe_long": 0, "real": 1, "maybe_real": -1.5e3,
         "path": "./~x", "maybe_path": "/", "colour": "blue", "maybe_colour": "dark_red",
         "texts": [], "ints": [1, 2], "longs": [9223372036854775807], "reals": [0.5, 9, -1e-3],
         "box": {"width": 7}, "maybe_box": {"height": 0, "names": ["n"], "type": "t"}}
        """;
    assertThat(bind(json, EverythingConfig.class))
        .isEqualTo(
            new EverythingConfig(
                "a\"b\u00e9",
                "",
                false,
                true,
                0,
                Integer.MIN_VALUE,
                Integer.MAX_VALUE,
                Long.MIN_VALUE,
                0L,
                1.0,
                -1500.0,
                Path.of("./~x"),
                Path.of("/"),
                Colour.BLUE,
                Colour.DARK_RED,
                List.of(),
                List.of(1, 2),
                List.of(Long.MAX_VALUE),
                List.of(0.5, 9.0, -0.001),
                new Box(7, 2, List.of(), ""),
                new Box(2, 0, List.of("n"), "t"),
                null));
  }

  @ParameterizedTest
  @CsvSource({"true, ON", "false, OFF", "'\"require\"', REQUIRE"})
  void anEnumMayHaveBooleansAmongItsLiterals(String literal, Direct expected)
      throws L2ConfigException {
    String json = "{\"type\": \"fs\", \"base_path\": \"/x\", \"use_odirect\": " + literal + "}";

    assertThat(bind(json, FsConfig.class).useOdirect()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"0, 0.0", "-0, 0.0", "-0.0, 0.0", "1e2, 100.0", "0.1, 0.1", "1E308, 1E308"})
  void aNumberMayBeWrittenInManyWays(String written, double expected) throws L2ConfigException {
    String json = "{\"type\": \"fs\", \"base_path\": \"/x\", \"max_capacity_gb\": " + written + "}";

    assertThat(bind(json, FsConfig.class).maxCapacityGb()).isEqualTo(expected);
  }

  @Test
  void limitsThemselvesAreAllowed() throws L2ConfigException {
    String json = "{\"type\": \"fs\", \"base_path\": \"/x\", \"num_workers\": ";

    assertThat(bind(json + "1}", FsConfig.class).numWorkers()).isEqualTo(1);
    assertThat(bind(json + "1024}", FsConfig.class).numWorkers()).isEqualTo(1024);
  }

  @Test
  void commonFieldsAreReadForEveryType() throws L2ConfigException {
    AdapterSpec plain = registry.parse("it", "{\"type\": \"everything\"}");
    AdapterSpec full =
        registry.parse(
            "it",
            """
            {"type": "everything", "shared": true, "persist_enabled": false,
             "eviction": {"eviction_policy": "IsolatedLRU", "eviction_ratio": 1}}
            """);

    assertThat(plain.common()).isEqualTo(CommonConfig.DEFAULT);
    assertThat(full.common())
        .isEqualTo(
            new CommonConfig(new EvictionConfig(EvictionPolicy.ISOLATED_LRU, 0.8, 1), true, false));
  }

  @Test
  void anAliasMeansItsType() throws L2ConfigException {
    AdapterSpec spec = registry.parse("#1", "{\"type\": \"fs\", \"base_path\": \"/x\"}");

    assertThat(spec.type()).isEqualTo("fs_native");
    assertThat(spec.where()).isEqualTo("#1 (fs_native)").isEqualTo(spec.toString());
  }

  @Test
  void adaptersNest() throws L2ConfigException {
    String json =
        """
        {"type": "fault_inject", "inner":
          {"type": "fault_inject", "rate": 0.5, "inner":
            {"type": "fs", "base_path": "/x", "shared": true}}}
        """;
    AdapterSpec middle = bind(json, WrapConfig.class).inner();
    AdapterSpec innermost = middle.bind(WrapConfig.class).inner();

    assertThat(innermost.where())
        .isEqualTo("it (fault_inject): inner (fault_inject): inner (fs_native)");
    assertThat(innermost.common().shared()).isTrue();
    assertThat(middle.common().shared()).isFalse();
    assertThat(innermost.bind(FsConfig.class).basePath()).isEqualTo(Path.of("/x"));
  }

  @Test
  void aSpecBindsOnceAndAlsoToOtherRecords() throws L2ConfigException {
    AdapterSpec spec = registry.parse("it", "{\"type\": \"fs\", \"base_path\": \"/x\"}");

    assertThat(spec.bind(FsConfig.class)).isSameAs(spec.bind(FsConfig.class));
    assertThat(spec.bind(Other.class)).isEqualTo(new Other("/x"));
    assertThatThrownBy(() -> spec.bind(SecretConfig.class))
        .isInstanceOf(L2ConfigException.class)
        .hasMessageContaining("it (fs_native): bucket is required")
        .hasMessageContaining("unknown field \"base_path\"");
  }

  @Test
  void aRecordThatDescribesNothingIsMisuse() throws L2ConfigException {
    record Bare(int x) {}
    AdapterSpec spec = registry.parse("it", "{\"type\": \"everything\"}");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> spec.bind(Bare.class))
        .withMessageContaining("component x has no @ConfigField");
  }

  @Test
  void secretsAreReadAndNotPrinted() throws L2ConfigException {
    AdapterSpec spec =
        registry.parse(
            "it",
            """
            {"type": "secretive", "bucket": "b", "ports": [1], "password": "hunter2",
             "login": {"mode": "dark_red"}}
            """);

    assertThat(spec.bind(SecretConfig.class).password()).isEqualTo("hunter2");
    assertThat(spec.toString()).doesNotContain("hunter2");
  }

  @Test
  void fieldsDescribeThemselves() {
    AdapterDescription fs =
        registry.adapters().stream().filter(a -> a.type().equals("fs_native")).findFirst().get();

    assertThat(fs.fields())
        .containsExactly(
            field("base_path", "path", true, null, null, "", "directory of the files"),
            field("num_workers", "int", false, "4", "1 to 1024", "", "worker threads"),
            field(
                "relative_tmp_dir",
                "string",
                false,
                "\"\"",
                null,
                "",
                "directory of unfinished files"),
            field(
                "use_odirect",
                "one of false, true, require",
                false,
                "false",
                null,
                "",
                "bypass the page cache"),
            field("read_ahead_size", "int", false, null, "> 0", "bytes", "first read"),
            field(
                "max_capacity_gb",
                "number",
                false,
                "0",
                ">= 0",
                "GiB",
                "capacity, 0 for no limit"));
    assertThat(AdapterDescription.commonFields())
        .extracting(FieldDescription::name)
        .containsExactly(
            "eviction",
            "eviction.eviction_policy",
            "eviction.trigger_watermark",
            "eviction.eviction_ratio",
            "shared",
            "persist_enabled");
  }

  private static FieldDescription field(
      String name,
      String type,
      boolean required,
      @Nullable String defaultValue,
      @Nullable String range,
      String unit,
      String doc) {
    return new FieldDescription(
        name,
        type,
        required,
        Optional.ofNullable(defaultValue),
        Optional.ofNullable(range),
        unit,
        false,
        doc);
  }

  @Test
  void everyTypeOfFieldHasAName() {
    AdapterDescription everything = registry.adapters().get(0);

    assertThat(everything.fields())
        .extracting(FieldDescription::type)
        .contains(
            "string",
            "boolean",
            "int",
            "number",
            "path",
            "one of dark_red, blue",
            "object",
            "adapter",
            "list of string",
            "list of int",
            "list of number");
    assertThat(everything.fields())
        .filteredOn(field -> field.name().equals("texts") || field.name().equals("box.width"))
        .extracting(field -> field.defaultValue().orElse(""))
        .containsExactly("[\"a\",\"b\"]", "2");
  }

  @Test
  void whatIsInsideASecretIsSecret() {
    AdapterDescription secretive = registry.adapters().get(3);

    assertThat(secretive.fields())
        .filteredOn(FieldDescription::secret)
        .extracting(FieldDescription::name)
        .containsExactly("password", "pin", "key_file", "login", "login.tries", "login.mode");
  }
}
