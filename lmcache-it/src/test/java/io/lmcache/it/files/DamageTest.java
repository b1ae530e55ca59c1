// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every kind of damage, met in every way by every adapter: outcome, counters, what becomes of the
 * file, usage and events are what docs/directory-format.md says.
 */
@Tag("native")
final class DamageTest {

  @TempDir Path root;

  /** One way to meet a damaged file. */
  private interface Meeting {
    void meet(DamageCase damage) throws IOException;
  }

  private void withEveryKind(Engine engine, boolean shared, Meeting meeting) {
    List<String> failures = new ArrayList<>();
    int met = 0;
    for (DamageKind kind : DamageKind.values()) {
      try {
        meeting.meet(new DamageCase(kind, engine, shared, root));
      } catch (AssertionError | IOException | RuntimeException e) {
        failures.add(kind + ": " + e);
      }
      met++;
    }
    assertThat(failures).isEmpty();
    assertThat(met).as("kinds of damage").isEqualTo(DamageKind.values().length);
  }

  @Test
  void theKindsCoverEveryLineOfTheTable() {
    assertThat(DamageKind.values().length).isGreaterThanOrEqualTo(45);
    assertThat(DamageKind.values()).extracting(DamageKind::row).contains(DamageRow.values());
  }

  @ParameterizedTest
  @CsvSource({"FS_JAVA, false", "FS_JAVA, true", "FS_NATIVE, false", "FS_NATIVE, true"})
  void aLoadComesToTheLineOfTheTable(Engine engine, boolean shared) {
    withEveryKind(engine, shared, DamageCase::load);
  }

  @ParameterizedTest
  @CsvSource({"FS_JAVA, false", "FS_JAVA, true", "FS_NATIVE, false", "FS_NATIVE, true"})
  void aScanAtOpenCountsWhatIsThereAndALoadThenComesToTheLineOfTheTable(
      Engine engine, boolean shared) {
    withEveryKind(engine, shared, DamageCase::recover);
  }
}
