// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.it.files.KillDrill.Totals;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Nothing that was acknowledged is lost when its process is killed, whenever that is. */
@Tag("native")
@Timeout(value = 900, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class KillDrillIT {

  private static final boolean SOAK = Boolean.getBoolean("lmcache.soak");
  private static final int KILLS = SOAK ? 50 : 3;
  private static final long LEAST = SOAK ? 2000 : 2 * KillDrill.LEAST_REPORTS;
  private static final long SEED = Long.getLong("lmcache.drill.seed", 9);

  @TempDir Path dir;

  @ParameterizedTest
  @EnumSource(Engine.class)
  void whatWasAcknowledgedSurvivesTheProcess(Engine engine) throws Exception {
    Drill.needsDisk(dir, KillDrill.BYTES);
    Totals totals = new KillDrill(engine, dir.resolve("l2"), KILLS, SEED).run();

    Drill.report("kill drill, " + engine + ", seed " + SEED + ": " + totals);
    assertThat(totals.problems()).isEmpty();
    assertThat(totals.kills()).isBetween(KILLS, KILLS + KillDrill.MOST_MORE);
    assertThat(totals.stored()).as("reported").isGreaterThanOrEqualTo(LEAST);
    assertThat(totals.replaced()).as("replaced").isGreaterThanOrEqualTo(LEAST / 10);
    assertThat(totals.deleted()).as("deleted").isGreaterThanOrEqualTo(SOAK ? KILLS : 0);
    assertThat(totals.inFlight()).as("in flight").isGreaterThanOrEqualTo(KILLS / 3);
    assertThat(totals.leftStaging()).as("left staging").isGreaterThanOrEqualTo(KILLS / 3);
    assertThat(totals.inRecovery()).as("in recovery").isPositive();
    assertThat(totals.loaded())
        .as("loaded")
        .isGreaterThanOrEqualTo((long) KILLS * KillDrill.KEYS.quiet());
  }
}
