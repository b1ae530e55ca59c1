// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.it.Programs;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.AbstractLongAssert;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An adapter that was opened and closed leaves nothing, however often, and amid loads. */
@Tag("native")
@Timeout(value = 1800, unit = TimeUnit.SECONDS)
final class OpenCloseIT {

  private static final boolean SOAK = Boolean.getBoolean("lmcache.soak");
  private static final int TIMES = SOAK ? 10_000 : 200;

  /** By how much a process may have grown since a tenth of all that. */
  private static final long MOST_GROWTH_KIB = 16 << 10;

  /**
   * All of the heap is there from the beginning, in one space, and as many threads as there will
   * be: so what grows is not the JVM.
   */
  private static final List<String> OPTIONS =
      List.of(
          "-Xms64m",
          "-Xmx64m",
          "-XX:+AlwaysPreTouch",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-XX:-UseDynamicNumberOfCompilerThreads",
          "-XX:MaxDirectMemorySize=32m");

  @TempDir Path dir;

  @ParameterizedTest
  @EnumSource
  void nothingIsLeft(Engine engine) throws Exception {
    Drill.needsDisk(dir, 64L << 20);
    String[] arguments = {engine.name(), "" + dir.resolve("kv"), "" + TIMES};
    String said;
    try (DrillChild child =
        DrillChild.start(Programs.program(OpenCloseProgram.class, OPTIONS, arguments))) {
      said = child.line();
      child.endsWell();
    }
    Drill.report("open and close, " + engine + ": " + said);
    Map<String, Long> figures = new HashMap<>();
    for (String word : said.split(" ", -1)) {
      figures.put(word.replaceAll("=.*", ""), Long.valueOf(word.replaceAll(".*=", "")));
    }
    figure(figures, "times").isEqualTo(TIMES);
    figure(figures, "wrong").isZero();
    long loads = TIMES / 10L * OpenCloseProgram.LOADS;
    figure(figures, "ended").isEqualTo(TIMES / 10);
    // Some are quicker than the close, on a busy machine most.
    figure(figures, "underWay").isBetween(SOAK ? loads / 2 : 1, loads);
    figure(figures, "loaded").isBetween(loads / 2, loads - 1);
    figure(figures, "closed").isEqualTo(loads - figures.getOrDefault("loaded", 0L));
    long grown = figures.getOrDefault("lateKib", 0L) - figures.getOrDefault("earlyKib", 0L);
    figure(figures, "earlyKib").isGreaterThan(64 << 10);
    assertThat(grown).as("KiB more than after a tenth of %s", said).isLessThan(MOST_GROWTH_KIB);
    assertThat(OwnersFiles.owners(dir.resolve("kv"))).isEmpty();
    assertThat(OwnersFiles.staged(dir.resolve("kv"))).isEmpty();
  }

  private static AbstractLongAssert<?> figure(Map<String, Long> figures, String name) {
    return assertThat(figures.get(name)).as("%s of %s", name, figures).isNotNull();
  }
}
