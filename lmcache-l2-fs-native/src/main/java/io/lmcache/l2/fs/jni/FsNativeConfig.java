// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.spi.ConfigChecks;
import io.lmcache.spi.ConfigField;
import io.lmcache.spi.Problems;
import java.nio.file.Path;
import java.util.List;

/**
 * The configuration of {@code fs_native}.
 *
 * @param basePath the directory of the objects
 * @param numWorkers how many C++ threads do I/O
 * @param relativeTmpDir where below {@code basePath} files are staged; empty for {@code basePath}
 *     itself
 * @param maxCapacityGb the capacity in GiB that usage is measured against; 0 for none
 * @param checksum what is computed over the bytes of an object when it is stored, and compared when
 *     it is loaded
 * @param hashSubdirLevels how many levels of sub-directories objects are spread over
 */
public record FsNativeConfig(
    @ConfigField(
            name = "base_path",
            doc = "directory of the KV cache files; created with its parents, mode 0700",
            required = true)
        Path basePath,
    @ConfigField(
            name = "num_workers",
            doc =
                "C++ worker threads, which is the I/O queue depth; raise it where the file system's"
                    + " total bandwidth exceeds one stream's",
            defaultValue = "4",
            min = 1,
            max = 1024)
        int numWorkers,
    @ConfigField(
            name = "relative_tmp_dir",
            doc = "sub-directory of base_path for files being written; empty: base_path itself",
            defaultValue = "")
        String relativeTmpDir,
    @ConfigField(
            name = "max_capacity_gb",
            doc = "capacity for usage tracking; 0: no limit",
            defaultValue = "0",
            min = 0,
            unit = "GiB")
        double maxCapacityGb,
    @ConfigField(
            name = "checksum",
            doc =
                "crc32c: a load delivers only bytes that match what was stored; none: not checked",
            defaultValue = "crc32c")
        Checksum checksum,
    @ConfigField(
            name = "hash_subdir_levels",
            doc =
                "levels of sub-directories, for file systems that are slow with large directories;"
                    + " upstream reads only 0",
            defaultValue = "0",
            min = 0,
            max = 2)
        int hashSubdirLevels)
    implements ConfigChecks {

  @Override
  public void validate(Problems problems) {
    if (relativeTmpDir.startsWith("/")) {
      problems.add(
          "relative_tmp_dir", "must be relative to base_path, got \"" + relativeTmpDir + "\"");
    }
    if (List.of(relativeTmpDir.split("/", -1)).contains("..")) {
      problems.add("relative_tmp_dir", "must not contain \"..\", got \"" + relativeTmpDir + "\"");
    }
    if (relativeTmpDir.chars().anyMatch(Character::isISOControl)) {
      problems.add("relative_tmp_dir", "must not contain control characters");
    }
  }

  /** The capacity in bytes; 0 for none. */
  long capacityBytes() {
    return (long) Math.min(maxCapacityGb * (1L << 30), Long.MAX_VALUE);
  }
}
