// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.CloseReport;
import io.lmcache.spi.Feature;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2ConfigException;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * One adapter, open, with all that a test needs around it: keys of its own, buffers with canaries,
 * a clock, a listener, and waiting that ends. Test methods take it as their parameter; {@link Ops}
 * says the usual requests in one word.
 *
 * <p>Keys live under a model name that is new for each test, so the storage need not be empty.
 * After the test {@link CleanUp} closes the adapter and checks what it leaves behind.
 *
 * <p>Safe for use by many threads, except for opening and closing.
 */
public final class AdapterUnderTest {

  private final L2AdapterContract contract;
  private final Settings settings;
  private final Path directory;
  private final String model;
  private final TestMemory memory = new TestMemory();
  private final TestClock clock = new TestClock();
  private final @Nullable Stall stall;
  private final StorageStall storageStall = new StorageStall();
  private final AtomicInteger fences = new AtomicInteger();
  private final List<Instance> instances = new ArrayList<>();
  private final List<Instance> examined = new ArrayList<>();
  private final List<AdapterUnderTest> siblings = new ArrayList<>();

  AdapterUnderTest(L2AdapterContract contract, Settings settings, Path directory, String model)
      throws L2ConfigException, IOException {
    this.contract = contract;
    this.settings = settings;
    this.directory = directory;
    this.model = model;
    this.stall = contract.stall();
    open();
  }

  // ---- the adapter

  /** The adapter, as it is now open; what it returns is watched. */
  public L2Adapter adapter() {
    return current().tracked();
  }

  /** The same without anything between: for calls that no sound caller makes. */
  L2Adapter raw() {
    return current().raw();
  }

  /** What the adapter's listener hears, since it was last opened. */
  RecordingListener events() {
    return current().events();
  }

  Instance current() {
    return instances.get(instances.size() - 1);
  }

  /** All that were opened one after the other, the current one last. */
  List<Instance> instances() {
    List<Instance> all = new ArrayList<>(examined);
    all.addAll(instances);
    return all;
  }

  private void open() throws L2ConfigException, IOException {
    instances.add(Instance.open(contract, contract.spec(directory), clock, storageStall, false));
  }

  /** An adapter that is only looked at, beside the one that is open. */
  Instance examine(Path storage) throws L2ConfigException, IOException {
    Instance one = Instance.open(contract, contract.spec(storage), clock, storageStall, true);
    examined.add(one);
    return one;
  }

  /** Closes the adapter with the patience as its bound. */
  public CloseReport close() {
    return adapter().close(settings.patience());
  }

  /** Closes the adapter and opens one with the same configuration. */
  public void reopen() {
    close();
    try {
      open();
    } catch (L2ConfigException | IOException e) {
      throw new AssertionError(
          "the adapter cannot be opened again in " + directory + " after a close", e);
    }
  }

  /** Another adapter of the same kind on other storage, with keys under the same model name. */
  AdapterUnderTest sibling() throws L2ConfigException, IOException {
    Path beside = directory.resolveSibling(directory.getFileName() + " " + (siblings.size() + 2));
    assertThat(beside.toFile().mkdir()).as("make %s", beside).isTrue();
    AdapterUnderTest other = new AdapterUnderTest(contract, settings, beside, model);
    siblings.add(other);
    return other;
  }

  List<AdapterUnderTest> siblings() {
    return List.copyOf(siblings);
  }

  L2AdapterContract contract() {
    return contract;
  }

  AdapterSpec spec() {
    return contract.spec(directory);
  }

  /** Where the adapter keeps its files, if it does. */
  public Path directory() {
    return directory;
  }

  /** Whether the adapter's test class says that it declines this. */
  public boolean declines(Feature feature) {
    return contract.declines().contains(feature);
  }

  /** Whether the adapter's test class says that it refuses a buffer too short for its limits. */
  public boolean insistsOnPadding() {
    return contract.insistsOnPadding();
  }

  /** What the adapter can take. */
  public AdapterLimits limits() {
    return raw().limits();
  }

  /** The clock that the adapter was given. */
  public TestClock clock() {
    return clock;
  }

  /** Holds the storage; ends the test with the reason if nobody knows how to. */
  Stall stall() {
    if (stall != null) {
      return stall;
    }
    Assumptions.assumeTrue(
        storageStall.isUsed(),
        "the adapter is not built on BlockingL2Adapter and its test class has no stall(), so rules"
            + " about storage that does not answer are not checked");
    return storageStall;
  }

  /** Lets go of held storage, if there is any. */
  void releaseStall() {
    storageStall.release();
    if (stall != null) {
      stall.release();
    }
  }

  // ---- keys and memory

  /** The model name of this test's keys. */
  public String model() {
    return model;
  }

  /** The n-th key of this test. */
  public ObjectKey key(int n) {
    return key(n, "");
  }

  /** The n-th key under a cache salt. */
  public ObjectKey key(int n, String salt) {
    byte[] hash = ByteBuffer.allocate(16).putLong(0x1122334455667788L).putLong(n).array();
    return ObjectKey.of(hash, model, 0x02000200L, 0, salt);
  }

  /** The first keys of this test. */
  public List<ObjectKey> keys(int count) {
    return keys(0, count);
  }

  /** Keys of this test, from the given number on. */
  public List<ObjectKey> keys(int from, int count) {
    List<ObjectKey> keys = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      keys.add(key(from + i));
    }
    return keys;
  }

  /** An object that holds the pattern of a key and a version, padded as the limits wish. */
  public MemoryObject filled(ObjectKey key, int version, int size) {
    return filledPadded(key, version, size, padded(size));
  }

  /** The same with other padding behind it. */
  public MemoryObject filledPadded(ObjectKey key, int version, int size, int physical) {
    return memory.filledPadded(key, version, size, physical);
  }

  /** A poisoned object to load into, padded as the limits wish. */
  public MemoryObject poisoned(int size) {
    return poisonedPadded(size, padded(size));
  }

  /** The same with other padding behind it. */
  public MemoryObject poisonedPadded(int size, int physical) {
    return memory.poisonedPadded(size, physical);
  }

  /** What an arena would give to an object of a size. */
  int padded(int size) {
    long unit = limits().lengthAlignment();
    return Math.toIntExact((size + unit - 1) / unit * unit);
  }

  TestMemory memory() {
    return memory;
  }

  // ---- randomness and waiting

  /** How often to do what is better the more often it is done: so often in a build. */
  int scaled(int inABuild) {
    return settings.scale() == 0 ? Math.max(1, inABuild / 10) : inABuild * settings.scale();
  }

  /** Where random sequences begin; to be named in every failure that depends on it. */
  long seed() {
    return settings.seed();
  }

  /** A random sequence that is the same for the same seed and purpose. */
  Random random(String purpose) {
    return new Random(settings.seed() * 31 + purpose.hashCode());
  }

  /** After how long something counts as hanging. */
  public Duration patience() {
    return settings.patience();
  }

  /** Waits for a stage; fails if it does not complete within the patience, or exceptionally. */
  public <T> T await(String what, CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(settings.patience().toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError(
          "STAGE-1: " + what + " is not complete after " + settings.patience().toSeconds() + " s",
          e);
    } catch (ExecutionException e) {
      throw new AssertionError(
          "STAGE-3: " + what + " completed exceptionally: " + e.getCause(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for " + what, e);
    }
  }

  /** Waits for a condition that nobody signals; fails if it does not hold within the patience. */
  public void await(String what, BooleanSupplier condition) {
    if (!Waiting.until(condition, settings.patience())) {
      fail("%s: not after %d s", what, settings.patience().toSeconds());
    }
  }

  /**
   * Waits until the listener has heard of everything that was complete before: stores a key of its
   * own and waits for its event, since events keep their order.
   */
  void awaitEvents() {
    ObjectKey key = key(-1 - fences.getAndIncrement());
    await("the store of a fence key", adapter().store(Ops.storeOf(this, key, 0, 1)));
    assertThat(
            events()
                .await(
                    e -> e.kind() == Event.Kind.STORED && e.key().equals(key), settings.patience()))
        .as("EVENT-1: the listener hears of the store of %s", key)
        .isTrue();
  }
}
