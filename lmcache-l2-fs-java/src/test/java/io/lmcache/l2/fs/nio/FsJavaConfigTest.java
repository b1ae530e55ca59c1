// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.l2.fs.FileMode;
import io.lmcache.spi.Problem;
import io.lmcache.spi.Problems;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a configuration of {@code fs_java} may say. */
final class FsJavaConfigTest {

  private static List<Problem> problems(Configs config) {
    Problems problems = new Problems("here");
    config.make().validate(problems);
    return problems.found();
  }

  private static Configs config() {
    return Configs.in(Path.of("/data"));
  }

  @Test
  void theDefaultsAreSound() {
    assertThat(problems(config())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"tmp", "a/b", ".staging", "a..b"})
  void aRelativeDirectoryForStagingIsSound(String dir) {
    assertThat(problems(config().relativeTmpDir(dir))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/tmp", "..", "a/../b", "a\nb"})
  void anyOtherDirectoryForStagingIsRefused(String dir) {
    assertThat(problems(config().relativeTmpDir(dir)))
        .singleElement()
        .satisfies(p -> assertThat(p.field()).isEqualTo("relative_tmp_dir"));
  }

  @ParameterizedTest
  @CsvSource({"0600, rw-------", "644, rw-r--r--", "0777, rwxrwxrwx", "0751, rwxr-x--x"})
  void modesAreOctal(String mode, String permissions) {
    assertThat(problems(config().fileMode(mode))).isEmpty();
    assertThat(FileMode.permissions(mode)).isEqualTo(PosixFilePermissions.fromString(permissions));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "rw-------", "0800", "1777", "06000", "-600", " 600", "0x180"})
  void whatIsNoModeIsRefused(String mode) {
    List<Problem> found = problems(config().fileMode(mode).dirMode(mode));
    assertThat(found).extracting(Problem::field).containsExactly("file_mode", "dir_mode");
    assertThat(found).allSatisfy(p -> assertThat(p.message()).contains("octal", '"' + mode + '"'));
  }

  @ParameterizedTest
  @CsvSource({"0400, 0500", "0200, 0600", "0077, 0077"})
  void aModeThatLocksTheAdapterOutIsRefused(String fileMode, String dirMode) {
    assertThat(problems(config().fileMode(fileMode).dirMode(dirMode)))
        .extracting(Problem::field)
        .containsExactly("file_mode", "dir_mode");
  }

  @Test
  void capacityIsInGibibytes() {
    assertThat(config().maxCapacityGb(1.5).make().capacityBytes()).isEqualTo(3L << 29);
    assertThat(config().maxCapacityGb(1e300).make().capacityBytes()).isEqualTo(Long.MAX_VALUE);
    assertThat(problems(config().maxCapacityGb(1e-10)))
        .extracting(Problem::field)
        .containsExactly("max_capacity_gb");
  }
}
