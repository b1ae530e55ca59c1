// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.lmcache.core.AdapterRegistry;
import io.lmcache.l2.fs.Checksum;
import io.lmcache.l2.fs.Fsync;
import io.lmcache.l2.fs.UseOdirect;
import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.CommonConfig;
import io.lmcache.spi.L2ConfigException;
import io.lmcache.spi.Problem;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What may be configured, in the JSON that users write. */
@Tag("native")
final class FieldEffectConfigTest {

  private static final String WHERE = "--l2-adapter #2";
  private final AdapterRegistry registry = AdapterRegistry.discover();

  private FsNativeConfig parse(String json) throws L2ConfigException {
    return registry.parse(WHERE, json).bind(FsNativeConfig.class);
  }

  /** What is said of a configuration, by its parsing or else its opening. */
  private List<Problem> problems(String fields) {
    return catchThrowableOfType(
            L2ConfigException.class,
            () -> {
              AdapterSpec spec = registry.parse(WHERE, "{\"type\": \"fs_native\", " + fields + "}");
              new FsNativeAdapterFactory().open(spec, new TestContext(spec.common()));
            })
        .problems();
  }

  @Test
  void theDefaults() throws Exception {
    AdapterSpec spec =
        registry.parse(WHERE, "{\"type\": \"fs_native\", \"base_path\": \"/data/lmcache/l2\"}");
    assertThat(spec.bind(FsNativeConfig.class))
        .isEqualTo(
            new FsNativeConfig(
                Path.of("/data/lmcache/l2"),
                4,
                "",
                UseOdirect.OFF,
                null,
                0,
                0,
                0,
                0,
                0,
                Checksum.CRC32C,
                Fsync.NONE,
                0,
                "0600",
                "0700"))
        .isEqualTo(FsNativeConfigs.at(Path.of("/data/lmcache/l2")).build());
    assertThat(spec.common()).isEqualTo(new CommonConfig(null, false, true));
  }

  @Test
  void theExamplesOfTheDocumentation() throws Exception {
    FsNativeConfig many =
        parse(
            "{\"type\": \"fs_native\", \"base_path\": \"/data/lmcache/l2\", \"num_workers\": 32}");
    assertThat(many.numWorkers()).isEqualTo(32);
    assertThat(many.useOdirect()).isEqualTo(UseOdirect.OFF);
    FsNativeConfig direct =
        parse(
            "{\"type\": \"fs_native\", \"base_path\": \"/data/lmcache/l2\", \"num_workers\": 32,"
                + " \"use_odirect\": true}");
    assertThat(direct.numWorkers()).isEqualTo(32);
    assertThat(direct.useOdirect()).isEqualTo(UseOdirect.ON);
  }

  @Test
  void everyFieldIsTaken() throws Exception {
    AdapterSpec spec =
        registry.parse(
            WHERE,
            "{\"type\": \"fs_native\", \"base_path\": \"/kv\", \"num_workers\": 1024,"
                + " \"relative_tmp_dir\": \"a/b\", \"use_odirect\": \"require\","
                + " \"read_ahead_size\": 1, \"max_capacity_gb\": 1.5, \"read_io_depth\": 7,"
                + " \"read_max_bytes_in_flight\": 5000000000, \"disk_high_watermark\": 0.9,"
                + " \"disk_min_free_gb\": 2, \"checksum\": \"none\", \"fsync\": \"full\","
                + " \"hash_subdir_levels\": 2, \"file_mode\": \"0640\", \"dir_mode\": \"0750\","
                + " \"eviction\": {\"eviction_policy\": \"LRU\"}, \"shared\": true}");
    assertThat(spec.bind(FsNativeConfig.class))
        .isEqualTo(
            new FsNativeConfig(
                Path.of("/kv"),
                1024,
                "a/b",
                UseOdirect.REQUIRE,
                1,
                7,
                5_000_000_000L,
                1.5,
                0.9,
                2,
                Checksum.NONE,
                Fsync.FULL,
                2,
                "0640",
                "0750"));
    assertThat(spec.common().shared()).isTrue();
    assertThat(spec.common().eviction()).isNotNull();
  }

  @Test
  void allBadValuesAtOnceEachWithItsPath() {
    List<Problem> problems =
        problems(
            "\"base_path\": \"~/kv\", \"num_workers\": 0, \"relative_tmp_dir\": 7,"
                + " \"use_odirect\": \"yes\", \"read_ahead_size\": 0, \"max_capacity_gb\": -1,"
                + " \"read_io_depth\": 1025, \"read_max_bytes_in_flight\": 4.5,"
                + " \"disk_high_watermark\": 1.5, \"disk_min_free_gb\": -2,"
                + " \"checksum\": \"md5\", \"fsync\": true, \"hash_subdir_levels\": 3,"
                + " \"file_mode\": 600, \"dir_mode\": false, \"num_wokers\": 4,"
                + " \"eviction\": {\"eviction_policy\": \"FIFO\"}");
    assertThat(problems)
        .extracting(Problem::field)
        .containsExactlyInAnyOrder(
            "base_path",
            "num_workers",
            "relative_tmp_dir",
            "use_odirect",
            "read_ahead_size",
            "max_capacity_gb",
            "read_io_depth",
            "read_max_bytes_in_flight",
            "disk_high_watermark",
            "disk_min_free_gb",
            "checksum",
            "fsync",
            "hash_subdir_levels",
            "file_mode",
            "dir_mode",
            "",
            "eviction.eviction_policy");
    assertThat(problems)
        .extracting(Problem::toString)
        .allMatch(line -> line.startsWith("--l2-adapter #2 (fs_native): ") && !line.contains("\n"))
        .contains("--l2-adapter #2 (fs_native): num_workers must be > 0, got 0")
        .anyMatch(line -> line.contains("num_wokers") && line.contains("num_workers\""));
  }

  @Test
  void whatOnlyTheAdapterCanCheckIsSaidTogetherToo() {
    assertThat(
            problems(
                "\"num_workers\": 0, \"relative_tmp_dir\": \"/tmp\", \"file_mode\": \"0444\","
                    + " \"dir_mode\": \"0600\", \"disk_min_free_gb\": 1, \"shared\": true,"
                    + " \"persist_enabled\": false"))
        .extracting(Problem::field)
        .containsExactlyInAnyOrder(
            "base_path",
            "num_workers",
            "relative_tmp_dir",
            "file_mode",
            "dir_mode",
            "max_capacity_gb",
            "persist_enabled",
            "eviction");
    assertThat(problems("\"base_path\": \"/kv\", \"relative_tmp_dir\": \"a/../b\""))
        .extracting(Problem::field)
        .containsExactly("relative_tmp_dir");
  }

  @Test
  void limitsOfTheDiskNeedCapacityAndEviction() {
    for (String limit : List.of("\"disk_high_watermark\": 0.9", "\"disk_min_free_gb\": 1")) {
      assertThat(problems("\"base_path\": \"/kv\", " + limit))
          .extracting(Problem::field)
          .containsExactly("max_capacity_gb", "eviction");
      assertThat(problems("\"base_path\": \"/kv\", \"max_capacity_gb\": \"1\", " + limit))
          .extracting(Problem::message)
          .filteredOn(message -> !message.contains("they only lower"))
          .containsExactly("must be a number, got \"1\"");
      assertThat(problems("\"base_path\": \"/kv\", \"max_capacity_gb\": 1, " + limit))
          .extracting(Problem::field)
          .containsExactly("eviction");
    }
  }

  @Test
  void whatIsSharedPersists() {
    assertThat(
            problems(
                "\"base_path\": \"/kv\", \"shared\": true, \"persist_enabled\": false,"
                    + " \"disk_min_free_gb\": 1, \"max_capacity_gb\": 1"))
        .extracting(Problem::field)
        .containsExactlyInAnyOrder("persist_enabled", "eviction");
  }
}
