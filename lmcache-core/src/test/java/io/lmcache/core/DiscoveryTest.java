// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.lmcache.core.fixture.Jars;
import io.lmcache.spi.L2ConfigException;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Enumeration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which providers are found, whose names count, and what is said when a type is not there. */
class DiscoveryTest {

  private static final String ALIAS = "public java.util.List<String> aliases() { return ";

  @TempDir Path directory;
  private ClassLoader contextLoader = DiscoveryTest.class.getClassLoader();

  @BeforeEach
  void keepContextLoader() {
    contextLoader = Thread.currentThread().getContextClassLoader();
  }

  @AfterEach
  void restoreContextLoader() {
    Thread.currentThread().setContextClassLoader(contextLoader);
  }

  private Path good(String jar, String className, String type) throws IOException {
    return new Jars(directory).provider(className, type, "").compile().jar(jar);
  }

  private static String parseError(AdapterRegistry registry, String type) {
    try {
      registry.parse("#1", "{\"type\": \"" + type + "\"}");
      return "no error";
    } catch (L2ConfigException e) {
      assertThat(e.problems()).hasSize(1);
      return String.valueOf(e.getMessage());
    }
  }

  @Test
  void providersAreSortedAndKnowTheirJar() throws IOException {
    try (URLClassLoader loader =
        Jars.loader(good("z.jar", "p.Z", "alpha"), good("a.jar", "p.A", "zeta"))) {
      AdapterRegistry registry = AdapterRegistry.discover(loader);

      assertThat(registry.adapters())
          .extracting(
              AdapterDescription::type, AdapterDescription::className, AdapterDescription::jar)
          .containsExactly(tuple("alpha", "p.Z", "z.jar"), tuple("zeta", "p.A", "a.jar"));
      assertThat(registry.descriptorFiles()).isEqualTo(2);
      assertThat(registry.broken()).isEmpty();
      assertThat(parseError(registry, "alpha")).isEqualTo("no error");
    }
  }

  @Test
  void twoProvidersOfOneTypeAreBothNamed() throws IOException {
    Path one = good("one.jar", "p.One", "same");
    Path two = good("two.jar", "q.Two", "same");
    try (URLClassLoader loader = Jars.loader(one, two, good("three.jar", "r.Three", "other"))) {
      AdapterRegistry registry = AdapterRegistry.discover(loader);

      assertThat(parseError(registry, "same"))
          .startsWith("#1: type \"same\" has 2 providers: ")
          .contains("p.One in " + one, "q.Two in " + two);
      assertThat(parseError(registry, "other")).isEqualTo("no error");
      assertThat(registry.adapters())
          .extracting(AdapterDescription::type)
          .containsExactly("other", "same", "same");
      assertThat(registry.adapters().get(0).conflict()).isEmpty();
      assertThat(registry.adapters().get(1).conflict())
          .isEqualTo(registry.adapters().get(2).conflict())
          .hasValueSatisfying(text -> assertThat(text).contains(one.toString(), two.toString()));
    }
  }

  @Test
  void anAliasThatTwoClaimIsNobodys() throws IOException {
    Path one =
        new Jars(directory)
            .provider("p.One", "one", ALIAS + "java.util.List.of(\"uno\", \"shared\", \"one\"); }")
            .compile()
            .jar("one.jar");
    Path two =
        new Jars(directory)
            .provider("p.Two", "two", ALIAS + "java.util.List.of(\"shared\", \"shared\"); }")
            .compile()
            .jar("two.jar");
    try (URLClassLoader loader = Jars.loader(one, two)) {
      AdapterRegistry registry = AdapterRegistry.discover(loader);

      assertThat(parseError(registry, "shared"))
          .contains("type \"shared\" has 2 providers: p.One in " + one + " and p.Two in " + two);
      assertThat(parseError(registry, "one")).isEqualTo("no error");
      assertThat(parseError(registry, "uno")).isEqualTo("no error");
      assertThat(parseError(registry, "two")).isEqualTo("no error");
      assertThat(registry.adapters().get(0).aliases()).containsExactly("uno", "shared");
      assertThat(registry.adapters().get(1).conflict()).isPresent();
    }
  }

  @Test
  void oneJarInTwoLoadersIsOneProvider() throws IOException {
    Path jar = good("one.jar", "p.One", "one");
    try (URLClassLoader first = Jars.loader(jar);
        URLClassLoader second = Jars.loader(jar);
        URLClassLoader child = new URLClassLoader(new URL[0], first)) {
      Thread.currentThread().setContextClassLoader(second);
      AdapterRegistry registry = AdapterRegistry.discover(child, first, first);

      assertThat(registry.adapters()).hasSize(1);
      assertThat(registry.descriptorFiles()).isEqualTo(1);
      assertThat(parseError(registry, "one")).isEqualTo("no error");
    }
  }

  @Test
  void oneClassInTwoJarsOfTwoLoadersIsAConflict() throws IOException {
    Path old = good("adapter-1.jar", "p.One", "one");
    Path young = good("adapter-2.jar", "p.One", "one");
    try (URLClassLoader first = Jars.loader(old);
        URLClassLoader second = Jars.loader(young)) {
      assertThat(parseError(AdapterRegistry.discover(first, second), "one"))
          .contains("p.One in " + old, "p.One in " + young);
    }
  }

  @Test
  void theContextLoaderIsAskedToo() throws IOException {
    try (URLClassLoader loader = Jars.loader(good("one.jar", "p.One", "one"))) {
      Thread.currentThread().setContextClassLoader(loader);

      assertThat(AdapterRegistry.discover().adapters()).hasSize(1);
    }
  }

  @Test
  void aThreadWithoutContextLoaderFindsTheRest() throws IOException {
    try (URLClassLoader loader = Jars.loader(good("one.jar", "p.One", "one"))) {
      Thread.currentThread().setContextClassLoader(null);

      assertThat(AdapterRegistry.discover(loader).adapters()).hasSize(1);
      assertThat(AdapterRegistry.discover().adapters()).isEmpty();
    }
  }

  @Test
  void withoutDescriptorsTheErrorSaysHowTheyAreLost() {
    AdapterRegistry registry = AdapterRegistry.discover();

    assertThat(registry.descriptorFiles()).isZero();
    assertThat(parseError(registry, "fs_native"))
        .startsWith("#1: unknown type \"fs_native\"; no types are known; 0 descriptor files seen")
        .contains("merging", "META-INF/services/io.lmcache.spi.L2AdapterFactory");
    assertThatThrownBy(() -> registry.parse("#1", "{}"))
        .hasMessage("#1: type is missing; no types are known");
  }

  @Test
  void aJarThatLostDescriptorsSaysSo() throws IOException {
    Jars merged = new Jars(directory);
    Jars unmerged = new Jars(directory);
    for (String name : new String[] {"red", "green", "blue"}) {
      merged.provider("p." + name, name, "");
      unmerged.source("p." + name, Jars.factory("p." + name, name, ""));
    }
    unmerged.line("p.red");
    try (URLClassLoader all = Jars.loader(merged.compile().jar("merged.jar"));
        URLClassLoader first = Jars.loader(unmerged.compile().jar("unmerged.jar"))) {
      assertThat(AdapterRegistry.discover(all).adapters())
          .extracting(AdapterDescription::type)
          .containsExactly("blue", "green", "red");
      assertThat(parseError(AdapterRegistry.discover(first), "blue"))
          .contains("known types: red; 1 descriptor file seen; adapters are lost when jars");
    }
  }

  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aLoaderThatAlwaysThrowsEnds() throws IOException {
    ClassLoader hopeless =
        new ClassLoader(DiscoveryTest.class.getClassLoader()) {
          @Override
          public Enumeration<URL> getResources(String name) throws IOException {
            throw new IOException("share is gone");
          }
        };
    try (URLClassLoader loader = Jars.loader(good("one.jar", "p.One", "one"))) {
      AdapterRegistry registry = AdapterRegistry.discover(hopeless, loader);

      assertThat(registry.adapters()).hasSize(1);
      assertThat(registry.broken())
          .hasSizeBetween(2, 4)
          .anySatisfy(broken -> assertThat(broken.cause()).contains("share is gone"))
          .anySatisfy(broken -> assertThat(broken.cause()).contains("given up after 100"));
    }
  }

  @Test
  void discoveryAsksForNoMoreThanNames() throws IOException {
    String members =
        """
        public java.util.Optional<String> unavailability() {
          throw new IllegalStateException("was asked");
        }
        """;
    Path jar = new Jars(directory).provider("p.Shy", "shy", members).compile().jar("shy.jar");
    try (URLClassLoader loader = Jars.loader(jar)) {
      AdapterRegistry registry = AdapterRegistry.discover(loader);

      assertThat(registry.broken()).isEmpty();
      assertThat(parseError(registry, "shy")).isEqualTo("no error");
      assertThat(registry.adapters().get(0).unavailability())
          .contains("IllegalStateException: was asked");
    }
  }
}
