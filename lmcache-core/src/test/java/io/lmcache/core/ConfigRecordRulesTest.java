// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.core.fixture.Jars;
import java.io.IOException;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records that do not describe a configuration: found at discovery, not in front of a user. */
class ConfigRecordRulesTest {

  /** The components, and the facts of the reason. */
  private static final String[][] RULES = {
    {"int bare", "component bare has no @ConfigField"},
    {"@ConfigField(name = \"x\", doc = \"\") float x", "component x", "unsupported type float"},
    {"@ConfigField(name = \"x\", doc = \"\") Object x", "unsupported type java.lang.Object"},
    {"@ConfigField(name = \"x\", doc = \"\") int[] x", "unsupported type int[]"},
    {"@ConfigField(name = \"x\", doc = \"\") java.util.List x", "unsupported type java.util.List"},
    {
      "@ConfigField(name = \"x\", doc = \"\") java.util.List<Boolean> x",
      "unsupported type java.util.List<java.lang.Boolean>"
    },
    {"@ConfigField(name = \"x\", doc = \"\") java.util.List<? extends String> x", "unsupported"},
    {
      "@ConfigField(name = \"x\", doc = \"\") String a, @ConfigField(name = \"x\", doc = \"\")"
          + " String b",
      "component b",
      "name \"x\", as another one has"
    },
    {"@ConfigField(name = \"useDirect\", doc = \"\") String x", "illegal name \"useDirect\""},
    {"@ConfigField(name = \"\", doc = \"\") String x", "illegal name \"\""},
    {"@ConfigField(name = \"a-b\", doc = \"\") String x", "illegal name \"a-b\""},
    {"@ConfigField(name = \"type\", doc = \"\") String x", "\"type\", which every adapter has"},
    {"@ConfigField(name = \"eviction\", doc = \"\") String x", "\"eviction\", which every"},
    {"@ConfigField(name = \"shared\", doc = \"\") String x", "\"shared\", which every"},
    {"@ConfigField(name = \"persist_enabled\", doc = \"\") String x", "which every adapter has"},
    {
      "@ConfigField(name = \"x\", doc = \"\", required = true, defaultValue = \"4\") int x",
      "is required, but has a default"
    },
    {
      "@ConfigField(name = \"x\", doc = \"\", required = true, defaultValue = \"a\") String x",
      "is required, but has a default"
    },
    {
      "@ConfigField(name = \"x\", doc = \"\") int x", "neither required nor has a default", "int is"
    },
    {"@ConfigField(name = \"x\", doc = \"\") boolean x", "neither required nor has a default"},
    {
      "@ConfigField(name = \"x\", doc = \"\", defaultValue = \"four\") int x",
      "unfit default \"four\"",
      "not valid JSON"
    },
    {
      "@ConfigField(name = \"x\", doc = \"\", defaultValue = \"4.0\") int x",
      "unfit default \"4.0\"",
      "must be an integer"
    },
    {
      "@ConfigField(name = \"x\", doc = \"\", defaultValue = \"0\", min = 1) int x",
      "unfit default \"0\": must be > 0"
    },
    {
      "@ConfigField(name = \"x\", doc = \"\", defaultValue = \"9\", max = 8) long x",
      "unfit default \"9\": must be <= 8"
    },
    {
      "@ConfigField(name = \"x\", doc = \"\", defaultValue = \"null\") Integer x",
      "unfit default \"null\""
    },
    {
      "@ConfigField(name = \"x\", doc = \"\", defaultValue = \"~/x\") java.nio.file.Path x",
      "unfit default \"~/x\"",
      "does not expand ~"
    },
    {
      "@ConfigField(name = \"x\", doc = \"\", defaultValue = \"[1, 0]\", min = 1)"
          + " java.util.List<Integer> x",
      "unfit default \"[1, 0]\"",
      "must be > 0"
    },
    {
      "@ConfigField(name = \"x\", doc = \"\", defaultValue = \"up\") Thread.State x",
      "unfit default \"up\"",
      "must be one of \"new\""
    },
    {
      "@ConfigField(name = \"x\", doc = \"\", defaultValue = \"{}\") Needy x",
      "unfit default \"{}\"",
      "is required"
    },
    {
      "@ConfigField(name = \"x\", doc = \"\", defaultValue = \"{\\\"a\\\": 1}\") AdapterSpec x",
      "is an adapter, which cannot have a default"
    },
    {"@ConfigField(name = \"x\", doc = \"\", secret = true) AdapterSpec x", "secret one by one"},
    {
      "@ConfigField(name = \"x\", doc = \"\", min = 1) String x", "is no number, but has min or max"
    },
    {
      "@ConfigField(name = \"x\", doc = \"\", min = 2, max = 1) Integer x",
      "allows no number: min is above max"
    },
    {"@ConfigField(name = \"x\", doc = \"\", min = Double.NaN) Integer x", "a limit that is NaN"},
    {"@ConfigField(name = \"x\", doc = \"\") Twins x", "two constants", "written \"a\""},
    {"@ConfigField(name = \"x\", doc = \"\") Nobody x", "has no constants"},
    {"@ConfigField(name = \"x\", doc = \"\") Bare x", "component x", "component y has no @Config"},
    {"@ConfigField(name = \"x\", doc = \"\") Config x", "Config contains itself"},
    {"@ConfigField(name = \"x\", doc = \"\") Ping x", "Ping contains itself"},
  };

  private static final String TYPES =
      """
      enum Twins { @JsonLiteral("a") ONE, A }
      enum Nobody {}
      record Bare(int y) {}
      record Needy(@ConfigField(name = "y", doc = "", required = true) int y) {}
      record Ping(@ConfigField(name = "y", doc = "") Pong y) {}
      record Pong(@ConfigField(name = "y", doc = "") Ping y) {}
      """;

  @TempDir Path directory;

  @Test
  void eachRuleIsChecked() throws IOException {
    Jars jars = new Jars(directory);
    for (int i = 0; i < RULES.length; i++) {
      jars.provider("r.Rule" + i, "rule" + i, TYPES + "record Config(" + RULES[i][0] + ") {}");
    }
    try (URLClassLoader loader = Jars.loader(jars.compile().jar("rules.jar"))) {
      AdapterRegistry registry = AdapterRegistry.discover(loader);

      assertThat(registry.adapters()).isEmpty();
      assertThat(registry.broken()).hasSize(RULES.length);
      for (int i = 0; i < RULES.length; i++) {
        BrokenProvider broken = registry.broken().get(i);
        assertThat(broken.provider()).isEqualTo("r.Rule" + i);
        assertThat(broken.cause())
            .as(RULES[i][0])
            .startsWith("type \"rule" + i + "\": r.Rule" + i + "$Config")
            .contains(Arrays.copyOfRange(RULES[i], 1, RULES[i].length));
      }
    }
  }
}
