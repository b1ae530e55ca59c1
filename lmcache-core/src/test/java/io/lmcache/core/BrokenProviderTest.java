// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lmcache.core.fixture.Jars;
import java.io.IOException;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way to be broken is remembered with its jar and its cause, and harms no other provider. */
class BrokenProviderTest {

  private static final String GOOD = "{\"type\": \"good\"}";

  @TempDir Path directory;

  /** All in one descriptor, the sound one in the middle. */
  private Jars ruins() throws IOException {
    return new Jars(directory)
        .line("x.Missing # never existed")
        .provider("x.Future", "future", "")
        .provider(
            "x.Thrower", "thrower", "public Thrower() { throw new RuntimeException(\"no\"); }")
        .provider("x.Errs", "errs", "public Errs() { throw new AssertionError(\"worse\"); }")
        .provider("x.Static", "static", "static final int X = Integer.parseInt(\"x\");")
        .source("x.NoFactory", "package x; public class NoFactory {}")
        .line("x.NoFactory")
        .provider("x.Hidden", "hidden", "private Hidden() {}")
        .provider("x.Good", "good", "")
        .source("dep.Absent", "package dep; public class Absent {}")
        .provider("x.Needs", "needs", "private dep.Absent field = new dep.Absent();")
        .source("dep.Base", "package dep; public interface Base {}")
        .source(
            "x.Extends",
            Jars.factory("x.Extends", "extends", "")
                .replace("L2AdapterFactory {", "L2AdapterFactory, dep.Base {"))
        .line("x.Extends")
        .provider(
            "x.TypeThrows",
            "",
            "public String type() { throw new IllegalStateException(\"a\\nb\"); }")
        .provider("x.TypeNull", "", "public String type() { return null; }")
        .provider("x.TypeOdd", "Odd Name", "")
        .provider("x.Recursive", "", "public String type() { return type() + 1; }")
        .provider(
            "x.AliasThrows",
            "at",
            "public java.util.List<String> aliases() { throw new LinkageError(\"alias\"); }")
        .provider("x.AliasNull", "an", "public java.util.List<String> aliases() { return null; }")
        .provider(
            "x.AliasOdd",
            "ao",
            "public java.util.List<String> aliases() { return java.util.List.of(\"_\"); }")
        .provider(
            "x.ConfigNull", "cn", "public Class<? extends Record> configType() { return null; }")
        .provider(
            "x.ConfigThrows",
            "ct",
            "public Class<? extends Record> configType() { throw new RuntimeException(\"cfg\"); }")
        .provider(
            "x.ConfigBase",
            "cb",
            "public Class<? extends Record> configType() { return Record.class; }")
        .provider("x.ConfigDep", "cd", "record Config(dep.Absent absent) {}")
        .provider("x.ConfigBare", "cbare", "record Config(int bare) {}");
  }

  private static void assertAllButOneBroken(AdapterRegistry registry) {
    assertThat(registry.adapters()).extracting(AdapterDescription::type).containsExactly("good");
    assertThatCode(() -> registry.parse("#1", GOOD)).doesNotThrowAnyException();
    List<String[]> expected =
        List.of(
            new String[] {"x.Missing", "x.Missing", "ot"},
            new String[] {"x.Future", "UnsupportedClassVersionError", "class file version 199"},
            new String[] {"x.Thrower", "instantiated: RuntimeException: no"},
            new String[] {"x.Errs", "instantiated: AssertionError: worse"},
            new String[] {"x.Static", "ExceptionInInitializerError", "NumberFormatException"},
            new String[] {"x.NoFactory", "not a subtype"},
            new String[] {"x.Hidden", "Hidden", "onstructor"},
            new String[] {"x.Needs", "NoClassDefFoundError: dep/Absent"},
            new String[] {"x.Extends", "NoClassDefFoundError: dep/Base"},
            new String[] {"x.TypeThrows", "IllegalStateException: a\\nb"},
            new String[] {"x.TypeNull", "its type is null"},
            new String[] {"x.TypeOdd", "its type \"Odd Name\" is no legal name", "lower-case"},
            new String[] {"x.Recursive", "StackOverflowError"},
            new String[] {"x.AliasThrows", "LinkageError: alias"},
            new String[] {"x.AliasNull", "type \"an\": aliases() is null"},
            new String[] {"x.AliasOdd", "its alias \"_\" is no legal name"},
            new String[] {"x.ConfigNull", "type \"cn\": configType() is null"},
            new String[] {"x.ConfigThrows", "RuntimeException: cfg"},
            new String[] {"x.ConfigBase", "type \"cb\": java.lang.Record is not a record"},
            new String[] {"x.ConfigDep", "NoClassDefFoundError: dep/Absent"},
            new String[] {"x.ConfigBare", "component bare has no @ConfigField"});
    for (String[] row : expected) {
      assertThat(registry.broken())
          .filteredOn(broken -> broken.provider().equals(row[0]))
          .as(row[0])
          .singleElement()
          .satisfies(
              broken -> {
                assertThat(broken.jar()).isEqualTo("ruins.jar");
                assertThat(broken.cause())
                    .contains(Arrays.copyOfRange(row, 1, row.length))
                    .doesNotContain("\n");
              });
    }
  }

  private Path ruinsJar(String... lines) throws IOException {
    Jars jars = ruins();
    Stream.of(lines).forEach(jars::line);
    return jars.compile()
        .without("dep.Absent")
        .without("dep.Base")
        .forFutureJdk("x.Future")
        .jar("ruins.jar");
  }

  @Test
  void eachIsRememberedAndTheSoundOneFound() throws IOException {
    try (URLClassLoader loader = Jars.loader(ruinsJar())) {
      AdapterRegistry registry = AdapterRegistry.discover(loader);

      assertAllButOneBroken(registry);
      assertThat(registry.broken()).hasSize(21);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"this is no class name", "x.Good;", "1x.Good", "x\u001b[31mGood", "<<<<"})
  void aGarbageLineCostsNoOtherLine(String garbage) throws IOException {
    try (URLClassLoader loader = Jars.loader(ruinsJar(garbage))) {
      AdapterRegistry registry = AdapterRegistry.discover(loader);

      assertAllButOneBroken(registry);
      assertThat(registry.broken())
          .hasSize(22)
          .filteredOn(broken -> broken.provider().startsWith("META-INF/services/"))
          .singleElement()
          .satisfies(
              broken -> {
                assertThat(broken.jar()).isEqualTo("ruins.jar");
                assertThat(broken.cause()).contains("llegal").doesNotContain("\u001b", "\n");
              });
    }
  }

  @Test
  void brokenOnesOfOneJarHarmNoOtherJar() throws IOException {
    Path other = new Jars(directory).provider("y.Other", "other", "").compile().jar("other.jar");
    try (URLClassLoader before = Jars.loader(other, ruinsJar("garbage here"));
        URLClassLoader after = Jars.loader(ruinsJar("garbage here"), other)) {
      for (URLClassLoader loader : List.of(before, after)) {
        assertThat(AdapterRegistry.discover(loader).adapters())
            .extracting(AdapterDescription::type)
            .containsExactly("good", "other");
      }
    }
  }

  @Test
  void twoLoadersOfOneJarTellOfEachBrokenOneOnce() throws IOException {
    Path jar = ruinsJar("garbage here");
    try (URLClassLoader first = Jars.loader(jar);
        URLClassLoader second = Jars.loader(jar)) {
      AdapterRegistry registry = AdapterRegistry.discover(first, second);

      assertThat(registry.adapters()).hasSize(1);
      assertThat(registry.broken()).hasSize(22);
    }
  }

  @Test
  void anUnknownTypeNamesThem() throws IOException {
    Path jar =
        new Jars(directory)
            .provider("x.Good", "good", "")
            .provider("x.Bad", "bad", "record Config(int bare) {}")
            .line("x.Missing")
            .compile()
            .jar("some.jar");
    try (URLClassLoader loader = Jars.loader(jar)) {
      AdapterRegistry registry = AdapterRegistry.discover(loader);

      assertThatThrownBy(() -> registry.parse("#1", "{\"type\": \"bad\"}"))
          .hasMessageStartingWith("#1: unknown type \"bad\"; ")
          .hasMessageContaining("known types: good; 1 descriptor file seen")
          .hasMessageContaining("broken providers: ")
          .hasMessageContaining("x.Bad in some.jar: type \"bad\": x.Bad$Config: component bare has")
          .hasMessageContaining("x.Missing in some.jar: ");
    }
  }
}
