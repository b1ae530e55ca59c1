// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.lmcache.core.fixture.EverythingConfig;
import io.lmcache.core.fixture.Factories;
import io.lmcache.core.fixture.FakeAdapter;
import io.lmcache.core.fixture.FsConfig;
import io.lmcache.core.fixture.FsConfig.Direct;
import io.lmcache.core.fixture.WrapConfig;
import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.CloseReport;
import io.lmcache.spi.CommonConfig;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2AdapterListener;
import io.lmcache.spi.L2ConfigException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Opening, what the adapter is given, and what is left when it fails. */
class OpenAdapterTest {

  private static final String FS = "{\"type\": \"fs_native\", \"base_path\": \"/x\"}";
  private static final AdapterEnvironment ENVIRONMENT = AdapterEnvironment.of("l2-0");

  @TempDir static Path directory;
  private static AdapterRegistry registry;

  @BeforeAll
  static void discover() {
    registry =
        AdapterRegistry.discover(
            Factories.loader(
                directory,
                Factories.Fs.class,
                Factories.Everything.class,
                Factories.Wrap.class,
                Factories.Secretive.class,
                Factories.Failing.class,
                Factories.Elsewhere.class,
                Factories.Unlinked.class));
  }

  private static OpenAdapter open(String json) throws L2ConfigException, IOException {
    return registry.open(registry.parse("#1", json), ENVIRONMENT);
  }

  private static FakeAdapter fake(OpenAdapter open) {
    return (FakeAdapter) open.adapter();
  }

  private static AdapterEnvironment withRoom(RoomMaker roomMaker) {
    return new AdapterEnvironment(
        "room", 0, 1, Clock.systemUTC(), L2AdapterListener.NONE, roomMaker);
  }

  @Test
  void theAdapterGetsItsConfigurationAndEnvironment() throws Exception {
    L2AdapterListener listener = new L2AdapterListener() {};
    Clock clock = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
    AdapterEnvironment environment =
        new AdapterEnvironment(
            "l2-3", 3, 512, clock, listener, bytes -> CompletableFuture.completedStage(bytes / 2));
    AdapterSpec spec =
        registry.parse("#4", "{\"type\": \"fs\", \"base_path\": \"/x\", \"shared\": true}");

    try (OpenAdapter open = registry.open(spec, environment)) {
      L2AdapterContext context = fake(open).context();
      assertThat(open.spec()).isSameAs(spec);
      assertThat(fake(open).config()).isSameAs(spec.bind(FsConfig.class));
      assertThat(context.name()).isEqualTo("l2-3");
      assertThat(context.index()).isEqualTo(3);
      assertThat(context.bufferAlignment()).isEqualTo(512);
      assertThat(context.clock()).isSameAs(clock);
      assertThat(context.listener()).isSameAs(listener);
      assertThat(context.common()).isEqualTo(new CommonConfig(null, true, true));
      assertThat(context.needRoom(10)).isCompletedWithValue(5L);
    }
  }

  @Test
  void theSimpleEnvironmentHasSensibleParts() throws Exception {
    try (OpenAdapter open = open(FS)) {
      L2AdapterContext context = fake(open).context();

      assertThat(context.name()).isEqualTo("l2-0");
      assertThat(context.index()).isZero();
      assertThat(context.bufferAlignment()).isEqualTo(4096);
      assertThat(context.clock()).isEqualTo(Clock.systemUTC());
      assertThat(context.listener()).isSameAs(L2AdapterListener.NONE);
      assertThat(context.needRoom(10)).isCompletedWithValue(0L);
    }
  }

  @Test
  void anEnvironmentIsChecked() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AdapterEnvironment.of(" "))
        .withMessageContaining("name");
    for (int alignment : new int[] {0, -4096, 24, Integer.MIN_VALUE}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> environment(0, alignment))
          .withMessageContaining("power of two, got " + alignment);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> environment(-1, 1))
        .withMessageContaining("index must be >= 0, got -1");
  }

  private static AdapterEnvironment environment(int index, int alignment) {
    return new AdapterEnvironment(
        "x", index, alignment, Clock.systemUTC(), L2AdapterListener.NONE, ENVIRONMENT.roomMaker());
  }

  @Test
  @SuppressWarnings("NullAway") // A room maker from unchecked code.
  void whateverARoomMakerDoesTheAdapterGetsANumber() throws Exception {
    RoomMaker[] odd = {
      bytes -> CompletableFuture.failedStage(new IllegalStateException("no")),
      bytes -> {
        throw new IllegalStateException("no");
      },
      bytes -> {
        throw OpenAdapterTest.<RuntimeException>undeclared(new IOException("no"));
      },
      bytes -> CompletableFuture.completedStage(null),
      bytes -> CompletableFuture.completedStage(-7L),
      bytes -> null
    };
    for (RoomMaker roomMaker : odd) {
      try (OpenAdapter open = registry.open(registry.parse("#1", FS), withRoom(roomMaker))) {
        assertThat(fake(open).context().needRoom(1)).isCompletedWithValue(0L);
      }
    }
  }

  /** What another language may throw where Java must not. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <E extends Exception> E undeclared(Exception e) throws E {
    throw (E) e;
  }

  @Test
  void anAdapterCannotCompleteTheOwnersStage() throws Exception {
    CompletableFuture<Long> owners = new CompletableFuture<>();
    try (OpenAdapter open = registry.open(registry.parse("#1", FS), withRoom(bytes -> owners))) {
      CompletionStage<Long> adapters = fake(open).context().needRoom(1);

      adapters.toCompletableFuture().complete(99L);
      assertThat(owners).isNotDone();
    }
  }

  @Test
  void closingTellsWhatTheAdapterSaid() throws Exception {
    OpenAdapter open = open(FS);

    assertThat(open.close(Duration.ofSeconds(5))).isEqualTo(new CloseReport(1, 2, 3));
    open.close();
    Duration ever = Duration.ofSeconds(Long.MIN_VALUE);
    open.close(ever);
    assertThat(fake(open).closes())
        .containsExactly(Duration.ofSeconds(5), Duration.ofSeconds(30), ever);
  }

  @Test
  void adaptersOpenInsideOthers() throws Exception {
    String json =
        """
        {"type": "fault_inject", "shared": true,
         "inner": {"type": "fs", "base_path": "/x", "persist_enabled": false}}
        """;
    OpenAdapter open = open(json);
    FakeAdapter outer = fake(open);
    FakeAdapter inner = Objects.requireNonNull(outer.inner());

    assertThat(inner.config()).isInstanceOf(FsConfig.class);
    assertThat(inner.context().common()).isEqualTo(new CommonConfig(null, false, false));
    assertThat(inner.context().name()).isEqualTo("l2-0.inner");
    assertThat(inner.context().listener()).isSameAs(outer.context().listener());
    assertThat(inner.context().completionExecutor()).isSameAs(outer.context().completionExecutor());

    open.close();
    assertThat(inner.closes()).as("closed by the outer one only").hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "LRU,requested=LRU effective=false reason=this version evicts nothing",
    "IsolatedLRU,requested=IsolatedLRU effective=false reason=this version evicts nothing",
    "noop,requested=noop effective=true"
  })
  void statusTellsWhatTheProgramMakesOfEviction(String policy, String told) throws Exception {
    String eviction = "\"eviction\": {\"eviction_policy\": \"" + policy + "\"}";
    try (OpenAdapter outside = open(FS.replace("}", ", " + eviction + "}"))) {
      assertThat(outside.status().details()).isEqualTo(Map.of("eviction", told));
    }
    String inner = "{\"type\": \"fs\", \"base_path\": \"/x\", " + eviction + "}";
    try (OpenAdapter inside = open("{\"type\": \"fault_inject\", \"inner\": " + inner + "}")) {
      assertThat(inside.status().details()).isEqualTo(Map.of("inner eviction", told));
    }
    try (OpenAdapter none = open(FS)) {
      assertThat(none.status()).isEqualTo(none.adapter().status());
    }
  }

  @Test
  void severalInnerAdaptersHaveNamesOfTheirOwn() throws Exception {
    try (OpenAdapter open = open(FS)) {
      L2AdapterContext context = fake(open).context();
      AdapterSpec spec = registry.parse("#1", FS);

      assertThat(((FakeAdapter) context.open(spec)).context().name()).isEqualTo("l2-0.inner");
      assertThat(((FakeAdapter) context.open(spec)).context().name()).isEqualTo("l2-0.inner2");
    }
  }

  @Test
  void aProgramNeedsNoJson() throws Exception {
    FsConfig config = new FsConfig(Path.of("/x"), 8, "", Direct.ON, null, 0);
    AdapterSpec wrapped =
        AdapterSpec.of("fault_inject", new WrapConfig(AdapterSpec.of("fs_native", config), 0));

    try (OpenAdapter open = registry.open(wrapped, ENVIRONMENT)) {
      assertThat(Objects.requireNonNull(fake(open).inner()).config()).isSameAs(config);
    }
  }

  @Test
  void aProgramsConfigurationIsCheckedLikeAnyOther() {
    FsConfig wrong = new FsConfig(Path.of("/x"), 0, "", Direct.ON, -1, -1);
    FsConfig crossed = new FsConfig(Path.of("/x"), 1, "/abs", Direct.ON, null, 0);
    WrapConfig wrapped = new WrapConfig(AdapterSpec.of("fs_native", wrong), Double.NaN);
    WrapConfig inside = new WrapConfig(AdapterSpec.of("fs_native", wrong), 0);

    assertThat(openError(AdapterSpec.of("fs_native", wrong)))
        .isInstanceOf(L2ConfigException.class)
        .hasMessage(
            """
            fs_native: num_workers must be > 0, got 0
            fs_native: read_ahead_size must be > 0, got -1
            fs_native: max_capacity_gb must be >= 0, got -1.0\
            """);
    assertThat(openError(AdapterSpec.of("fs_native", crossed)))
        .hasMessage("fs_native: relative_tmp_dir must be relative to base_path, got /abs");
    assertThat(openError(AdapterSpec.of("fault_inject", wrapped)))
        .hasMessage("fault_inject: rate is no number that fits, got NaN");
    assertThat(openError(AdapterSpec.of("fault_inject", inside)))
        .hasMessageStartingWith("fault_inject: inner (fs_native): num_workers must be > 0, got 0");
    assertThat(openError(AdapterSpec.of("fs_native", inside)))
        .hasMessageContaining("fs_native: needs a configuration of " + FsConfig.class.getName());
    assertThat(openError(AdapterSpec.of("fs_natve", crossed)))
        .hasMessageStartingWith("fs_natve: unknown type \"fs_natve\"; did you mean \"fs_native\"?");
  }

  @Test
  @SuppressWarnings("NullAway") // A program that is not checked for null.
  void aProgramsNullIsFound() {
    FsConfig nulls = new FsConfig(null, 1, "", null, null, 0);

    assertThat(openError(AdapterSpec.of("fs_native", nulls)))
        .hasMessage(
            "fs_native: base_path must not be null\nfs_native: use_odirect must not be null");
  }

  private static Throwable openError(AdapterSpec spec) {
    return catchThrowable(() -> registry.open(spec, ENVIRONMENT));
  }

  @Test
  void anotherRegistrysSpecIsOpenedByItsType() throws Exception {
    AdapterRegistry other =
        AdapterRegistry.discover(Factories.loader(directory, Factories.Fs.class));

    try (OpenAdapter open = other.open(registry.parse("#1", FS), ENVIRONMENT)) {
      assertThat(fake(open).config()).isInstanceOf(FsConfig.class);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "runtime, IllegalStateException: two\\nlines",
    "linkage, NoClassDefFoundError: com/example/Driver",
    "null, IllegalStateException: it returned null"
  })
  void aFactoryThatFailsIsNamed(String how, String cause) {
    assertThatThrownBy(() -> open("{\"type\": \"failing\", \"text\": \"" + how + "\"}"))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("#1 (failing): ")
        .hasMessageContaining(Factories.Failing.class.getName() + " in /")
        .hasMessageEndingWith(": " + cause)
        .hasCauseInstanceOf(Throwable.class);
  }

  @Test
  void whatAFactoryReportsIsPassedOn() {
    assertThatThrownBy(() -> open("{\"type\": \"failing\", \"text\": \"io\"}"))
        .isInstanceOf(IOException.class)
        .hasMessage("disk on fire");
  }

  @Test
  void aFactoryThatFailsShowsNoSecret() {
    String json =
        "{\"type\": \"secretive\", \"bucket\": \"b\", \"ports\": [1], \"password\": \"hunter2\"}";

    assertThatThrownBy(() -> open(json))
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith(": IllegalStateException")
        .hasMessageNotContaining("hunter2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"elsewhere", "unlinked"})
  void aTypeThatCannotRunHereSaysWhy(String type) {
    String reason =
        type.equals("elsewhere")
            ? "needs another\\nplanet"
            : "UnsatisfiedLinkError: no lmc in java.library.path";
    AdapterDescription description =
        registry.adapters().stream().filter(a -> a.type().equals(type)).findFirst().get();

    assertThat(description.unavailability()).hasValue(reason);
    assertThatThrownBy(() -> open("{\"type\": \"" + type + "\"}"))
        .isInstanceOf(IOException.class)
        .hasMessage("#1 (" + type + "): type \"" + type + "\" cannot run here: " + reason);
  }

  @Test
  void whatAFailedOpenLeftInsideIsClosed() {
    Factories.Opened.LAST.set(null);
    String json = "{\"type\": \"fault_inject\", \"rate\": 1, \"inner\": " + FS + "}";

    assertThatThrownBy(() -> open(json)).hasMessageContaining("then failed");
    assertThat(Objects.requireNonNull(Factories.Opened.LAST.get()).closes())
        .containsExactly(Duration.ZERO);
  }

  @Test
  void everythingOpensWithDefaultsOnly() throws Exception {
    try (OpenAdapter open = open("{\"type\": \"everything\"}")) {
      assertThat(fake(open).config()).isInstanceOf(EverythingConfig.class);
      assertThat(open).hasToString("l2-0 (everything)");
    }
  }
}
