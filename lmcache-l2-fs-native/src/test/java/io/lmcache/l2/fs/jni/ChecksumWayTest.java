// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.L2Adapter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Status tells how checksums are computed; the kernel's list of the processor's features agrees.
 */
@Tag("native")
final class ChecksumWayTest {

  @TempDir Path dir;

  @Test
  void isTheFastestThatTheProcessorHas() throws Exception {
    try (L2Adapter adapter =
        new FsNativeAdapterFactory()
            .open(
                AdapterSpec.of("fs_native", FsNativeConfigs.of(dir, 1, "", 0)),
                new TestContext())) {
      assertThat(adapter.status().details()).containsEntry("crc32c", expected(features()));
    }
  }

  private static String expected(Set<String> features) {
    if (features.containsAll(Set.of("sse4_2", "avx512f", "vpclmulqdq"))) {
      return "folded";
    }
    return features.contains("sse4_2") || features.contains("crc32") ? "instruction" : "software";
  }

  /** Of the first processor: the line is called otherwise on each architecture. */
  private static Set<String> features() throws Exception {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      String line =
          lines
              .filter(l -> l.startsWith("flags") || l.startsWith("Features"))
              .findFirst()
              .orElseThrow();
      return Arrays.stream(line.substring(line.indexOf(':') + 1).strip().split(" "))
          .collect(Collectors.toSet());
    }
  }
}
