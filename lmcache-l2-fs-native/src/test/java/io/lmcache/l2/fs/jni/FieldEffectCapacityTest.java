// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import static io.lmcache.l2.fs.jni.FieldEffects.EVICTING;
import static io.lmcache.l2.fs.jni.FieldEffects.detail;
import static io.lmcache.l2.fs.jni.FieldEffects.open;
import static io.lmcache.l2.fs.jni.TestObjects.keys;
import static io.lmcache.l2.fs.jni.TestObjects.store;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.CommonConfig;
import io.lmcache.spi.L2Adapter;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The fields that limit how much there may be, as usage tells them. */
@Tag("native")
final class FieldEffectCapacityTest {

  private static final long GIB = 1L << 30;
  private static final double MORE_THAN_ANY_DISK = 1e9;
  private static final int SIZE = 5000;

  @RegisterExtension final LoggedBy logged = new LoggedBy(FsNativeAdapterFactory.class);
  @TempDir Path dir;

  @Test
  void maxCapacityGbIsTheCapacityOfUsage() throws Exception {
    try (L2Adapter adapter = open(FsNativeConfigs.at(dir))) {
      assertThat(adapter.usage().capacityBytes()).as("no limit").isZero();
      assertThat(logged.messages()).isEmpty();
    }
    try (L2Adapter adapter = open(FsNativeConfigs.at(dir).capacityGb(0.5))) {
      assertThat(adapter.usage().capacityBytes()).isEqualTo(GIB / 2);
      assertThat(adapter.usage().fraction()).isZero();
      store(adapter, keys(4), 1, SIZE);
      assertThat(adapter.usage().fraction()).isEqualTo(4.0 * SIZE / (GIB / 2));
      assertThat(adapter.status().details()).doesNotContainKey("disk_headroom_bytes");
      assertThat(logged.messages())
          .singleElement()
          .asString()
          .contains("max_capacity_gb without an eviction block only counts");
    }
  }

  @Test
  void diskMinFreeGbLowersTheCapacity() throws Exception {
    assertThat(capacityWith(0, 1e-9)).as("far from it").isEqualTo(GIB);
    assertThat(capacityWith(0, MORE_THAN_ANY_DISK)).as("far beyond it; 0 were none").isEqualTo(1);
  }

  @Test
  void diskHighWatermarkLowersTheCapacity() throws Exception {
    assertThat(capacityWith(1, 0)).as("far from it").isEqualTo(GIB);
    assertThat(capacityWith(1e-9, 0)).as("far beyond it").isEqualTo(1);
  }

  private long capacityWith(double watermark, double minFreeGb) throws Exception {
    FsNativeConfigs.Builder config =
        FsNativeConfigs.at(dir).capacityGb(1).diskLimits(watermark, minFreeGb);
    try (L2Adapter adapter = open(config, EVICTING)) {
      assertThat(detail(adapter, "disk_high_watermark")).isEqualTo(Double.toString(watermark));
      assertThat(Long.parseLong(detail(adapter, "disk_min_free_bytes")))
          .isEqualTo((long) (minFreeGb * GIB));
      long headroom = Long.parseLong(detail(adapter, "disk_headroom_bytes"));
      long capacity = adapter.usage().capacityBytes();
      assertThat(headroom < 0).isEqualTo(capacity == 1);
      return capacity;
    }
  }

  @Test
  void withoutLimitsOfTheDiskNothingIsReadAboutIt() throws Exception {
    TestContext context = new TestContext(CommonConfig.DEFAULT);
    try (L2Adapter adapter =
        new FsNativeAdapterFactory()
            .open(AdapterSpec.of("fs_native", FsNativeConfigs.at(dir).build()), context)) {
      assertThat(context.liveThreads()).doesNotContain("lmc-disk");
      assertThat(adapter.status().details()).doesNotContainKey("disk_headroom_bytes");
    }
  }
}
