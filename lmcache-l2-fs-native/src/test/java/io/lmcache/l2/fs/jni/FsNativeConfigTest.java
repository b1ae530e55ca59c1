// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.Problem;
import io.lmcache.spi.Problems;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What the record checks beyond the types and ranges of its fields. */
final class FsNativeConfigTest {

  @Test
  void lessThanAByteIsNotTakenForNoLimit() {
    Problems problems = new Problems("here");
    FsNativeConfigs.at(Path.of("/kv"))
        .capacityGb(1e-10)
        .diskLimits(0, 1e-10)
        .build()
        .validate(problems);
    assertThat(problems.found())
        .extracting(Problem::field)
        .containsExactly("max_capacity_gb", "disk_min_free_gb");
  }
}
