// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.CommonConfig;
import io.lmcache.spi.ConfigField;
import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.Feature;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterFactory;
import io.lmcache.spi.L2ConfigException;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Problem;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The factory, its configuration record, and that adapters do not know of each other. */
abstract class ConfigRules {

  private static final String TYPE = "[a-z][a-z0-9_-]{0,63}";
  private static final String FIELD = "[a-z0-9_]+";

  /** A configuration that no adapter has. */
  private record Foreign(int nothingOfYours) {}

  /** Says where it stands in words that only a message made from them can hold. */
  private record Placed(AdapterSpec spec, String where) implements AdapterSpec {

    @Override
    public String type() {
      return spec.type();
    }

    @Override
    public CommonConfig common() {
      return spec.common();
    }

    @Override
    public <C extends Record> C bind(Class<C> configType) throws L2ConfigException {
      try {
        return spec.bind(configType);
      } catch (L2ConfigException e) {
        throw new L2ConfigException(new Problem(where, "", "needs a " + configType.getName()));
      }
    }
  }

  /**
   * The factory's type and aliases against their form, against each other, and against those of all
   * factories on the class path.
   *
   * <p>If this fails, look at {@code META-INF/services/io.lmcache.spi.L2AdapterFactory} of your jar
   * (is the factory named there, once?), and at what {@code type()} and {@code aliases()} return.
   */
  @Test
  @Rule("CONFIG-1")
  void theFactoryIsFoundUnderItsType(AdapterUnderTest a) {
    L2AdapterFactory factory = a.contract().factory(a.spec());
    List<String> names = names(factory);
    assertThat(names)
        .as("CONFIG-1: type, then aliases, of %s; 1 to 64 characters each", factory.getClass())
        .allSatisfy(name -> assertThat(name).matches(TYPE))
        .doesNotHaveDuplicates()
        .contains(a.spec().type());
    for (String name : names) {
      List<L2AdapterFactory> found =
          Factories.all().stream().filter(other -> names(other).contains(name)).toList();
      assertThat(found)
          .as("CONFIG-1: factories that ServiceLoader finds under \"%s\"", name)
          .hasSize(1);
      assertThat(found.get(0).type())
          .as("CONFIG-1: type of the 1 factory that ServiceLoader finds under \"%s\"", name)
          .isEqualTo(factory.type());
    }
  }

  private static List<String> names(L2AdapterFactory factory) {
    List<String> names = new ArrayList<>(List.of(factory.type()));
    names.addAll(factory.aliases());
    return names;
  }

  /**
   * Every component of the configuration record, and of records inside it, by reflection.
   *
   * <p>If this fails, look at the record that {@code configType()} returns: each component needs a
   * {@code @ConfigField} with a name of its own that is none of {@link CommonConfig}'s, and one
   * line of documentation.
   */
  @Test
  @Rule("CONFIG-2")
  void everyFieldIsDescribed(AdapterUnderTest a) {
    Class<? extends Record> config = a.contract().factory(a.spec()).configType();
    Set<String> common =
        Arrays.stream(CommonConfig.class.getRecordComponents())
            .map(c -> Objects.requireNonNull(c.getAnnotation(ConfigField.class)).name())
            .collect(Collectors.toCollection(HashSet::new));
    assertThat(common).as("common fields").hasSize(3);
    assertDescribed(config, common);
  }

  private static void assertDescribed(Class<?> config, Set<String> taken) {
    for (RecordComponent component : config.getRecordComponents()) {
      String what = "CONFIG-2: component " + component.getName() + " of " + config.getName();
      ConfigField field = component.getAnnotation(ConfigField.class);
      assertThat(field).as("%s: its @ConfigField, 1 per component", what).isNotNull();
      String name = Objects.requireNonNull(field).name();
      assertThat(name).as("%s: name, 1 or more characters", what).matches(FIELD);
      assertThat(taken.add(name))
          .as("%s: whether no other field and no common one is \"%s\"; 1 may be", what, name)
          .isTrue();
      assertThat(field.doc().strip().lines().count())
          .as("%s: lines of its documentation \"%s\"", what, field.doc())
          .isEqualTo(1);
      if (component.getType().isRecord()) {
        assertDescribed(component.getType(), new HashSet<>());
      }
    }
  }

  /**
   * The factory is given the record of somebody else.
   *
   * <p>If this fails, look at {@code open}: {@code spec.bind(MyConfig.class)} comes first, before
   * any thread or file, and what it throws goes to the caller as it is.
   */
  @Test
  @Rule("CONFIG-3")
  void anotherConfigurationIsRefused(AdapterUnderTest a) {
    // Its threads may still be on the way to their names, so it is closed before the first look.
    a.close();
    a.await("CLEAN-1: no thread after close", () -> a.current().context().liveThreads().isEmpty());
    L2AdapterFactory factory = a.contract().factory(a.spec());
    AdapterSpec foreign = AdapterSpec.of(a.spec().type(), new Foreign(7));
    List<Path> roots = List.of(a.directory().getParent());
    Map<String, String> threads = ProcessWatch.threads();
    Map<String, String> descriptors = ProcessWatch.descriptors(roots);
    for (AdapterSpec spec : List.of(foreign, new Placed(foreign, "contract place #4711"))) {
      TestContext context =
          new TestContext(spec, a.clock(), new RecordingListener(), new StorageStall(), false);
      Throwable thrown = catchThrowable(() -> closed(factory.open(spec, context)));
      context.close();
      assertThat(thrown)
          .as("CONFIG-3: what %s throws for %s", factory.getClass(), new Foreign(7))
          .isInstanceOf(L2ConfigException.class)
          .hasMessageContaining(spec.where());
      a.await(
          "CONFIG-3: the threads of an adapter that was not opened for " + new Foreign(7) + " end",
          () -> context.liveThreads().isEmpty());
    }
    assertNothingNew(a, "thread", threads, ProcessWatch::threads);
    assertNothingNew(a, "descriptor", descriptors, () -> ProcessWatch.descriptors(roots));
  }

  private static void closed(@Nullable L2Adapter opened) {
    if (opened != null) {
      opened.close();
    }
  }

  private static void assertNothingNew(
      AdapterUnderTest a,
      String what,
      Map<String, String> before,
      Supplier<Map<String, String>> now) {
    assertThat(Settled.added(a, what, before, now))
        .as("CONFIG-3: each %s left by 2 attempts to open", what)
        .isEmpty();
  }

  /**
   * Two adapters on different storage work with the same keys: what one stores, pins, deletes,
   * counts and tells is nothing to the other, nor is its close.
   *
   * <p>If this fails, look for what is static: maps, pools, connections, names of temporary files;
   * and at whether the configuration's directory or address is used for everything.
   */
  @Test
  @Rule("CONFIG-4")
  void twoAdaptersShareNothing(AdapterUnderTest a) throws L2ConfigException, IOException {
    AdapterUnderTest other = a.sibling();
    List<ObjectKey> keys = a.keys(5);
    AdapterUsage before = Settled.usage(other);
    Ops.mustStore(a, keys, 1, 3000);
    assertThat(Ops.hits(other, keys))
        .as("CONFIG-4: hits of the other adapter for %s", keys)
        .containsOnly(false);
    assertThat(Ops.load(other, keys.get(0), other.poisoned(3000)))
        .as("CONFIG-4: load of %s by the other adapter", keys.get(0))
        .isEqualTo(LoadOutcome.NOT_FOUND);
    assertThat(other.adapter().usage())
        .as("CONFIG-4: usage() of the other adapter")
        .isEqualTo(before);
    Ops.mustStore(other, keys, 2, 3000);
    if (!a.declines(Feature.LIST)) {
      assertThat(Ops.list(a, 3).keySet())
          .as("CONFIG-4: listing of 5 keys")
          .containsExactlyInAnyOrderElementsOf(keys);
    }
    keys.forEach(key -> Ops.mustLoad(a, key, 1, 3000));
    keys.forEach(key -> Ops.mustLoad(other, key, 2, 3000));
    if (!a.declines(Feature.DELETE)) {
      try (LookupLease lease = Ops.pin(a, keys)) {
        assertThat(lease.hit(0)).as("CONFIG-4: whether %s is there", keys.get(0)).isTrue();
        assertThat(Ops.delete(other, keys.get(0)))
            .as("CONFIG-4: delete of %s, which the other adapter pins", keys.get(0))
            .isEqualTo(DeleteOutcome.DELETED);
      }
    }
    other.awaitEvents();
    other.close();
    keys.forEach(key -> Ops.mustLoad(a, key, 1, 3000));
    a.awaitEvents();
    for (ObjectKey key : keys) {
      assertThat(a.events().summaries(key).stream().filter(e -> !e.startsWith("ACCESSED")))
          .as("CONFIG-4: events of %s", key)
          .containsExactly("STORED 3000");
      assertThat(other.events().summaries(key).stream().filter(e -> e.startsWith("STORED")))
          .as("CONFIG-4: events of %s of the other adapter", key)
          .containsExactly("STORED 3000");
    }
  }
}
