// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import io.lmcache.cli.L1Alignment;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The flags that make up a {@link BenchPlan}. All are read as wide as possible and checked here, so
 * that every wrong one is reported, together and by name.
 */
final class BenchOptions {

  private static final long MAX_KEYS_PER_ROUND = 1 << 24;
  private static final long MAX_SUBMITS = 10_000_000;
  private static final long MAX_COUNT = 1_000_000;
  private static final long MAX_OBJECT_BYTES =
      new SlotLayout(1, SlotLayout.PAGE, false).mostObjectBytes();

  @Option(
      names = "--num-keys",
      paramLabel = "N",
      defaultValue = "32",
      description = "Keys per submit (default: ${DEFAULT-VALUE}).")
  long numKeys;

  @Option(
      names = "--in-flight",
      paramLabel = "N",
      defaultValue = "1",
      description = "Submits per round, all out at once (default: ${DEFAULT-VALUE}).")
  long inFlight;

  @Option(
      names = "--data-size-kb",
      paramLabel = "KIB",
      defaultValue = "256",
      description = "Size of every object in KiB (default: ${DEFAULT-VALUE}).")
  long dataSizeKb;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "1",
      description = "Measured rounds of each operation (default: ${DEFAULT-VALUE}).")
  long rounds;

  @Option(
      names = "--warmup-rounds",
      paramLabel = "N",
      defaultValue = "1",
      description = "Rounds before them that are not counted (default: ${DEFAULT-VALUE}).")
  long warmupRounds;

  @Option(
      names = "--lookup-max-hit-rate",
      paramLabel = "RATE",
      defaultValue = "0.0",
      description = "Part of the looked-up keys that exists, 0 to 1 (default: ${DEFAULT-VALUE}).")
  double maxHitRate;

  @Option(
      names = "--skip-verify",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = "Do not compare the loaded bytes (the default), or compare every one of them.")
  boolean skipVerify;

  @Option(
      names = "--only",
      paramLabel = "OPERATION",
      description = {
        "Run only this: ${COMPLETION-CANDIDATES}. Such runs share",
        "their keys (per --seed) and delete nothing."
      })
  @Nullable OperationKind only;

  @Option(names = "--keep", description = "Leave the objects in the adapter at the end.")
  boolean keep;

  @Option(
      names = "--cold",
      description =
          "Load twice: first with nothing of it in the page cache, which is proved, then again."
              + " Exit code 1 where that cannot be done.")
  boolean cold;

  @Option(
      names = L1Alignment.FLAG,
      paramLabel = "N",
      description = {
        "What buffers are aligned and padded to, as in a server",
        "(default: what the adapter wishes, at least 4096)."
      })
  @Nullable Long l1AlignBytes;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Makes other content (default: ${DEFAULT-VALUE}).")
  long seed;

  /** The plan, or if anything is added to {@code problems}, none. */
  Optional<BenchPlan> plan(List<String> problems) {
    int before = problems.size();
    check(problems, "--num-keys", numKeys, 1, MAX_COUNT);
    check(problems, "--in-flight", inFlight, 1, MAX_COUNT);
    check(problems, "--data-size-kb", dataSizeKb, 1, MAX_OBJECT_BYTES / 1024);
    check(problems, "--rounds", rounds, 1, MAX_COUNT);
    check(problems, "--warmup-rounds", warmupRounds, 0, MAX_COUNT);
    if (!(maxHitRate >= 0 && maxHitRate <= 1)) {
      problems.add("--lookup-max-hit-rate must be between 0 and 1, got " + maxHitRate);
    }
    if (l1AlignBytes != null) {
      L1Alignment.problem(l1AlignBytes).ifPresent(problems::add);
    }
    if (cold && only != null && only != OperationKind.LOAD) {
      problems.add("--cold is about loads: leave out --only " + only + ", or take --only load");
    }
    if (problems.size() > before) {
      return Optional.empty();
    }
    checkProduct(problems, "--num-keys x --in-flight", numKeys * inFlight, MAX_KEYS_PER_ROUND);
    checkProduct(problems, "--rounds x --in-flight", rounds * inFlight, MAX_SUBMITS);
    return problems.size() > before ? Optional.empty() : Optional.of(plan());
  }

  private BenchPlan plan() {
    return new BenchPlan(
        (int) numKeys,
        (int) inFlight,
        (int) (dataSizeKb * 1024),
        (int) rounds,
        (int) warmupRounds,
        maxHitRate,
        !skipVerify,
        Optional.ofNullable(only),
        keep,
        l1AlignBytes == null ? OptionalInt.empty() : OptionalInt.of(l1AlignBytes.intValue()),
        cold,
        seed);
  }

  private static void check(List<String> problems, String flag, long value, long least, long most) {
    if (value < least || value > most) {
      problems.add(flag + " must be between " + least + " and " + most + ", got " + value);
    }
  }

  private static void checkProduct(List<String> problems, String what, long value, long most) {
    if (value > most) {
      problems.add(what + " must be at most " + most + ", got " + value);
    }
  }
}
