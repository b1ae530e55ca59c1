// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.CommonConfig;
import io.lmcache.spi.Problem;
import io.lmcache.spi.Problems;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DirectoryFieldsTest {

  private static List<Problem> check(String tmpDir, String fileMode, String dirMode) {
    Problems problems = new Problems("here");
    DirectoryFields.check(tmpDir, fileMode, dirMode, problems);
    return problems.found();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "tmp", "a/b", ".staging", "a..b", ".lmcache2", "a/.lmcache"})
  void placesForStaging(String tmpDir) {
    assertThat(check(tmpDir, "0600", "0700")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/tmp", "..", "a/../b", "a/..", "a\nb", ".lmcache", ".lmcache/tmp"})
  void noPlacesForStaging(String tmpDir) {
    assertThat(check(tmpDir, "0600", "0700"))
        .extracting(Problem::field)
        .containsExactly("relative_tmp_dir");
  }

  @ParameterizedTest
  @CsvSource({"0600, 0700", "644, 755", "0777, 0777"})
  void modes(String fileMode, String dirMode) {
    assertThat(check("", fileMode, dirMode)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"0400, 0600", "0200, 0500", "0060, 0070", "rw-------, rwx", "0800, 9", "1600, 1700"})
  void noModes(String fileMode, String dirMode) {
    assertThat(check("", fileMode, dirMode))
        .extracting(Problem::field)
        .containsExactly("file_mode", "dir_mode");
  }

  @Test
  void allThatIsWrongIsSaid() {
    assertThat(check("/a/../b", "x", "y"))
        .extracting(Problem::field)
        .containsExactly("relative_tmp_dir", "relative_tmp_dir", "file_mode", "dir_mode");
  }

  @ParameterizedTest
  @CsvSource({"false, true, 0", "true, true, 0", "false, false, 0", "true, false, 1"})
  void whatIsSharedPersists(boolean shared, boolean persist, int problems) {
    Problems found = new Problems("here");
    DirectoryFields.check(new CommonConfig(null, shared, persist), found);
    assertThat(found.found())
        .hasSize(problems)
        .allSatisfy(problem -> assertThat(problem.field()).isEqualTo("persist_enabled"));
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "1, 1073741824", "0.5, 536870912", "1e-9, 1", "1e300, 9223372036854775807"})
  void gibInBytes(double gib, long bytes) {
    assertThat(DirectoryFields.bytes(gib)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "1e-9, 0", "1e300, 0", "9e-10, 1", "1e-10, 1", "4.9e-324, 1"})
  void lessThanAByteIsNotTakenForNoLimit(double gib, int problems) {
    Problems found = new Problems("here");
    DirectoryFields.checkGib("max_capacity_gb", gib, found);
    assertThat(found.found())
        .hasSize(problems)
        .allSatisfy(
            problem -> {
              assertThat(problem.field()).isEqualTo("max_capacity_gb");
              assertThat(problem.message()).contains("at least one byte", "got " + gib);
            });
  }
}
