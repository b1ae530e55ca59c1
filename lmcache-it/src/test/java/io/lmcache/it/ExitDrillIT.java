// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A JVM that ends while C++ threads write must end well: no crash, no incomplete object. */
@Tag("native")
final class ExitDrillIT {

  private static final int RUNS = Boolean.getBoolean("lmcache.soak") ? 100 : 4;

  @TempDir Path dir;

  @ParameterizedTest
  @CsvSource({"exit, 0", "return, 0", "halt, 0", "sigterm, 143"})
  void endsInTheMiddleOfStores(String how, int expectedExit) throws Exception {
    for (int run = 0; run < RUNS; run++) {
      Path base = dir.resolve(how + run);
      endOnce(how, expectedExit, base);
      takeWholeObjects(base);
    }
  }

  private void endOnce(String how, int expectedExit, Path base) throws Exception {
    String spec = "{\"type\":\"fs_native\",\"base_path\":\"" + base + "\",\"num_workers\":8}";
    List<String> options = List.of("-XX:ErrorFile=" + dir + "/hs_err_%p.log", "-Xmx64m");
    Process process =
        new ProcessBuilder(Programs.program(ExitDrillProgram.class, options, how, spec))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .redirectInput(new File("/dev/null"))
            .start();
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line = out.readLine();
      assertThat(line).as("what the program says before it ends").matches("loans [1-9][0-9]*");
      if (how.equals("sigterm")) {
        process.destroy();
      }
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).as("ends").isTrue();
    } finally {
      process.destroyForcibly().waitFor();
    }
    assertThat(process.exitValue()).isEqualTo(expectedExit);
    try (Stream<Path> files = Files.list(dir)) {
      assertThat(files.filter(file -> file.getFileName().toString().startsWith("hs_err")))
          .isEmpty();
    }
  }

  /** Checks and deletes what was published. */
  private static void takeWholeObjects(Path base) throws Exception {
    int objects = 0;
    try (Stream<Path> files = Files.list(base)) {
      for (Path file : files.filter(path -> !path.endsWith(".lmcache")).toList()) {
        if (file.getFileName().toString().endsWith(".data")) {
          assertThat(Files.size(file)).isEqualTo(ExitDrillProgram.OBJECT_BYTES);
          objects++;
        }
        Files.delete(file);
      }
    }
    assertThat(objects).as("objects that were published before the end").isPositive();
  }
}
