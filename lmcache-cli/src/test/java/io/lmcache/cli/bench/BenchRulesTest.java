// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a run does to the adapter: which keys, in which order, out of which memory. */
final class BenchRulesTest {

  private final Bench bench = new Bench();

  @Test
  void storesThenLooksUpThenLoadsThenDeletes() {
    bench.run("--rounds", "2", "--in-flight", "2", "--num-keys", "3");

    assertThat(bench.place.calls)
        .containsExactly(
            "store 3",
            "store 3",
            "store 3",
            "store 3",
            "store 3",
            "store 3",
            "lookup 3",
            "lookup 3",
            "lookup 3",
            "lookup 3",
            "lookup 3",
            "lookup 3",
            "load 3",
            "load 3",
            "load 3",
            "load 3",
            "load 3",
            "load 3",
            "delete 18",
            "close");
  }

  @Test
  void everyRoundHasNewKeysAndLoadsThem() {
    bench.run("--rounds", "3", "--num-keys", "5");

    assertThat(bench.place.everStored).hasSize(20);
    Set<ObjectKey> loaded = new HashSet<>();
    bench.place.loads.forEach(load -> loaded.add(load.key()));
    assertThat(loaded).isEqualTo(bench.place.everStored);
  }

  @Test
  void runningTwiceMeetsNothingOfTheFirstRun() {
    assertThat(bench.run("--keep").code()).isZero();
    assertThat(bench.run("--keep").code()).isZero();
    assertThat(bench.place.everStored).hasSize(16);
  }

  @Test
  void deletesItsKeysAndNoOthers() {
    ObjectKey stranger = ObjectKey.of(new byte[] {1}, "somebody", 0);
    bench.place.objects.put(stranger, new byte[1]);
    JsonNode cleanup = bench.run().metrics().get("cleanup");

    assertThat(bench.place.objects).containsOnlyKeys(stranger);
    assertThat(cleanup.get("deleted").asInt()).isEqualTo(8);
  }

  @Test
  void keepLeavesTheObjects() {
    JsonNode cleanup = bench.run("--keep").metrics().get("cleanup");

    assertThat(bench.place.objects).hasSize(8);
    assertThat(cleanup.get("kept").asInt()).isEqualTo(8);
    assertThat(cleanup.get("deleted").asInt()).isZero();
  }

  @Test
  void loadBuffersArePoisonedBeforeEachLoad() {
    bench.run("--rounds", "3");

    assertThat(bench.place.loads).hasSize(16);
    for (TestPlace.Load load : bench.place.loads) {
      byte[] stored = bench.place.everHeld.get(load.key());
      assertThat(stored).isNotNull();
      for (int i = 0; stored != null && i < stored.length; i++) {
        assertThat(load.before().get(i)).isNotEqualTo(stored[i]);
      }
    }
  }

  @Test
  void loadBuffersAreOtherMemoryThanStoreBuffers() {
    bench.run();
    // By address, as the memory is gone by now.
    Set<Long> store = new HashSet<>();
    bench.place.storeBuffers.forEach(object -> store.add(address(object)));
    Set<Long> load = new HashSet<>();
    bench.place.loads.forEach(one -> load.add(address(one.object())));

    assertThat(store).hasSize(4).doesNotContainAnyElementsOf(load);
    assertThat(load).hasSize(4);
  }

  private static long address(MemoryObject object) {
    return Pointer.nativeValue(Native.getDirectBufferPointer(object.physical()));
  }

  @Test
  void buffersArePageAlignedAndPadded() {
    bench.run();

    assertThat(bench.place.loads)
        .allMatch(load -> load.object().buffer().alignmentOffset(0, 4096) == 0)
        .allMatch(load -> load.object().physicalBytes() == 4096)
        .allMatch(load -> load.object().sizeBytes() == 1024);
  }

  @ParameterizedTest
  @CsvSource({"0.0,0", "0.1,0", "0.3,2", "0.5,4", "0.99,7", "1,8"})
  void asManyKeysExistAsTheHitRateSays(String rate, int perRound) {
    Bench.Done done = bench.run("--in-flight", "2", "--rounds", "3", "--lookup-max-hit-rate", rate);

    assertThat(done.code()).isZero();
    assertThat(done.metrics().get("lookup").get("expected_hits").asInt()).isEqualTo(3 * perRound);
    assertThat(done.metrics().get("lookup").get("actual_hits").asInt()).isEqualTo(3 * perRound);
  }

  @Test
  void aStoreThenALoadMeet() {
    assertThat(bench.run("--only", "store", "--rounds", "2").code()).isZero();
    assertThat(bench.place.objects).hasSize(12);
    Bench.Done lookup =
        bench.run("--only", "lookup", "--rounds", "2", "--lookup-max-hit-rate", "1");
    assertThat(lookup.code()).isZero();
    assertThat(lookup.metrics().get("lookup").get("actual_hits").asInt()).isEqualTo(8);
    Bench.Done load = bench.run("--only", "load", "--rounds", "2", "--no-skip-verify");

    assertThat(load.code()).isZero();
    assertThat(load.metrics().get("load").get("verify").get("bytes_compared").asInt())
        .isEqualTo(12 * 1024);
    assertThat(load.metrics().get("load").get("cache_state").asText()).startsWith("unknown");
    assertThat(load.metrics().has("store")).isFalse();
    assertThat(bench.place.objects).hasSize(12);
  }

  @Test
  void measuredKeysDoNotDependOnTheWarmUp() {
    assertThat(bench.run("--only", "store", "--warmup-rounds", "0").code()).isZero();
    assertThat(bench.run("--only", "load", "--warmup-rounds", "0").code()).isZero();
    assertThat(bench.run("--only", "store", "--warmup-rounds", "2").metrics().get("failures"))
        .allMatch(failure -> !failure.get("warmup").asBoolean());
    assertThat(bench.place.objects).hasSize(12);
  }

  @Test
  void aSecondStoreOfTheSameKeysSaysWhatLeftThem() {
    assertThat(bench.run("--only", "store").code()).isZero();
    Bench.Done second = bench.run("--only", "store");

    assertThat(second.code()).isEqualTo(1);
    assertThat(second.err()).anyMatch(line -> line.contains("4 keys ALREADY_PRESENT"));
    assertThat(second.err())
        .anyMatch(
            line -> line.contains("an earlier --only store with --seed 0 left these objects"));
    assertThat(bench.run("--only", "store", "--seed", "1").code()).isZero();
  }

  @Test
  void anotherSeedMeetsNothing() {
    bench.run("--only", "store");

    assertThat(bench.run("--only", "load", "--seed", "1").code()).isEqualTo(1);
  }

  @Test
  void verifyingWithoutAStoreFindsAFlippedBit() {
    bench.run("--only", "store");
    Bench.Done load = bench.run(TestFault.LOAD_FLIPS_BIT, 7, "--only", "load", "--no-skip-verify");

    assertThat(load.code()).isEqualTo(1);
    assertThat(load.err()).anyMatch(line -> line.contains("first differs at offset 1000"));
    assertThat(List.of(load.metrics().get("cleanup").get("deleted").asInt())).containsExactly(0);
  }

  /** As on file systems whose unit is several MiB: without padding up to it nothing goes direct. */
  @Test
  void buffersArePaddedToTheAdaptersUnitWhateverItIs() {
    Bench.Done done = bench.run(TestFault.WIDE_UNIT, -1);

    assertThat(done.code()).as("%s", done.err()).isZero();
    assertThat(bench.place.storeBuffers)
        .hasSize(8)
        .allSatisfy(object -> assertThat(object.physicalBytes()).isEqualTo(4 << 20));
    assertThat(bench.place.loads)
        .hasSize(8)
        .allSatisfy(load -> assertThat(load.object().physicalBytes()).isEqualTo(4 << 20));
  }
}
