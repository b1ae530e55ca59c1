// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.lmcache.core.AdapterRegistry;
import io.lmcache.spi.L2ConfigException;
import io.lmcache.spi.Problem;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever kind of check finds it, all that is wrong with a file adapter is told at once. */
final class ProblemsTogetherTest {

  @ParameterizedTest
  @ValueSource(strings = {"fs_java", "fs_native"})
  void ofTypeOfRangeOfFormAndOfWhatGoesTogether(String type) {
    String json =
        "{\"type\": \""
            + type
            + "\", \"num_workers\": 0, \"max_capacity_gb\": 1e-12,"
            + " \"relative_tmp_dir\": \"../x\", \"file_mode\": \"rw-\", \"dir_mode\": 700,"
            + " \"shared\": true, \"persist_enabled\": false, \"fsync\": \"never\"}";

    L2ConfigException thrown =
        catchThrowableOfType(
            L2ConfigException.class, () -> AdapterRegistry.discover().parse("here", json));

    assertThat(thrown.problems())
        .extracting(Problem::field)
        .containsExactlyInAnyOrder(
            "base_path",
            "num_workers",
            "max_capacity_gb",
            "relative_tmp_dir",
            "file_mode",
            "dir_mode",
            "persist_enabled",
            "fsync");
    assertThat(thrown.problems())
        .allSatisfy(problem -> assertThat(problem.where()).isEqualTo("here (" + type + ")"))
        .filteredOn(problem -> problem.field().equals("max_capacity_gb"))
        .singleElement()
        .satisfies(problem -> assertThat(problem.message()).contains("at least one byte"));
  }
}
