// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.l2.fs.UseOdirect;
import io.lmcache.testkit.L2AdapterContract;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The contract of {@code fs_native} in its configurations: O_DIRECT off, on and required, 1 and 8
 * workers, staging in the directory, below it and further below, checksums on and off, exclusive
 * and shared. A build runs some, see {@link ContractCase#pairwise}; the soak runs all.
 */
@Tag("native")
@Tag("seam")
final class FsNativeContractTest {

  private static final int CASES = 72;
  private static final int PAIRS = 57;
  private static final Pattern RESULT =
      Pattern.compile(
          "(?m)^CONTRACT found=(\\d+) succeeded=(\\d+) direct=(\\d+) fell_back=(\\d+) seconds=\\d+"
              + " ContractCase\\[direct=([A-Z]+), .*$");

  @Test
  void anyTwoValuesTogether() throws Exception {
    List<ContractCase> chosen = ContractCase.pairwise();
    assertThat(chosen).hasSize(ContractCase.FEWEST).doesNotHaveDuplicates();
    assertThat(Pairwise.pairsOf(chosen, ContractCase::values))
        .hasSize(PAIRS)
        .isEqualTo(Pairwise.pairsOf(ContractCase.all(), ContractCase::values));
    run("pairwise", 0, chosen.size(), ChildJvm.LIMIT);
  }

  @Test
  @Tag("soak")
  void everyConfiguration() throws Exception {
    run("all", 1, CASES, ChildJvm.SOAK_LIMIT);
  }

  private static ChildJvm start(String which, int scale, int child) throws IOException {
    // Not the default, which may be in memory.
    Path target = Path.of(System.getProperty("user.dir"), "target");
    return ChildJvm.start(
        List.of(),
        List.of("-Djava.io.tmpdir=" + target, ChildJvm.library()),
        ContractMain.class,
        List.of(which, Integer.toString(scale), "2", Integer.toString(child)));
  }

  /** Two processes, as the contract mostly waits. */
  private static void run(String which, int scale, int cases, Duration limit) throws Exception {
    String output;
    try (ChildJvm one = start(which, scale, 0);
        ChildJvm other = start(which, scale, 1)) {
      output = one.output(limit) + other.output(limit);
    }
    List<MatchResult> results = RESULT.matcher(output).results().toList();
    assertThat(results).as("%s", output).hasSize(cases);
    int tests = testsOfTheContract();
    for (MatchResult result : results) {
      assertThat(List.of(result.group(1), result.group(2)))
          .as("found, and neither failed nor skipped: %s%n%s", result.group(), output)
          .containsOnly(Integer.toString(tests));
      assertWentPastThePageCache(result);
    }
    results.forEach(result -> System.out.println(result.group()));
    System.out.println(
        "Contract: " + cases + " configurations, " + cases * tests + " tests succeeded");
  }

  /** As they are written, so that none is lost when they are looked for. */
  private static int testsOfTheContract() {
    int tests = 0;
    for (Class<?> group : L2AdapterContract.class.getDeclaredClasses()) {
      for (Class<?> type = group; type != null; type = type.getSuperclass()) {
        tests +=
            (int)
                Stream.of(type.getDeclaredMethods())
                    .filter(method -> method.isAnnotationPresent(Test.class))
                    .count();
      }
    }
    assertThat(tests).as("tests of the contract").isPositive();
    return tests;
  }

  /** Where it was asked for, and nowhere else; nothing falls back where that is not allowed. */
  private static void assertWentPastThePageCache(MatchResult result) {
    UseOdirect mode = UseOdirect.valueOf(result.group(5));
    assertThat(Long.parseLong(result.group(3)) > 0)
        .as(result.group())
        .isEqualTo(mode != UseOdirect.OFF);
    assertThat(Long.parseLong(result.group(4)) > 0)
        .as(result.group())
        .isEqualTo(mode == UseOdirect.ON);
  }
}
