// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
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
  private static final int TESTS_AT_LEAST = 80;
  private static final Pattern RESULT =
      Pattern.compile("(?m)^CONTRACT found=(\\d+) succeeded=(\\d+) seconds=\\d+ .*$");

  @Test
  void anyTwoValuesTogether() throws Exception {
    assertThat(ContractCase.pairsOf(ContractCase.pairwise()))
        .hasSize(48)
        .isEqualTo(ContractCase.pairsOf(ContractCase.all()));
    assertThat(ContractCase.pairwise()).doesNotHaveDuplicates();
    run("pairwise", 0, ContractCase.pairwise().size());
  }

  @Test
  @Tag("soak")
  void everyConfiguration() throws Exception {
    run("all", 1, CASES);
  }

  /** Ends when the process does, whose own tests have time limits. */
  private static void run(String which, int scale, int cases) throws Exception {
    // Not the default, which may be in memory.
    Path target = Path.of(System.getProperty("user.dir"), "target");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // The JNI checker among them.
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(
        List.of(
            "-Djava.io.tmpdir=" + target,
            "-Dlmcache.native.path=" + System.getProperty("lmcache.native.path"),
            "-cp",
            System.getProperty("java.class.path"),
            ContractMain.class.getName(),
            which,
            Integer.toString(scale)));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectInput(new File("/dev/null"))
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    List<MatchResult> results = RESULT.matcher(output).results().toList();
    assertThat(results).as(output).hasSize(cases);
    int tests = Integer.parseInt(results.get(0).group(1));
    assertThat(tests).as("tests of the contract").isGreaterThanOrEqualTo(TESTS_AT_LEAST);
    for (MatchResult result : results) {
      assertThat(List.of(result.group(1), result.group(2)))
          .as("found, and neither failed nor skipped: %s%n%s", result.group(), output)
          .containsOnly(Integer.toString(tests));
    }
    results.forEach(result -> System.out.println(result.group()));
    System.out.println(
        "Contract: " + cases + " configurations, " + cases * tests + " tests succeeded");
  }
}
