// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import io.lmcache.l2.fs.Checksum;
import io.lmcache.l2.fs.DirectoryFields;
import io.lmcache.l2.fs.DirectoryOptions;
import io.lmcache.l2.fs.FileMode;
import io.lmcache.l2.fs.Fsync;
import io.lmcache.l2.fs.UseOdirect;
import io.lmcache.spi.CommonConfig;
import io.lmcache.spi.ConfigChecks;
import io.lmcache.spi.ConfigField;
import io.lmcache.spi.Problems;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of {@code fs_java}.
 *
 * @param basePath the directory of the objects
 * @param numWorkers how many threads do I/O
 * @param relativeTmpDir where below {@code basePath} files are staged; empty for {@code basePath}
 *     itself
 * @param readAheadSize the length of the first read of a buffered load, in bytes; null for no such
 *     read
 * @param useOdirect whether files are read and written past the page cache
 * @param maxCapacityGb the capacity in GiB that usage is measured against; 0 for none
 * @param checksum what is computed over the bytes of an object when it is stored, and compared when
 *     it is loaded
 * @param fsync what is on the disk when a store completes
 * @param hashSubdirLevels how many levels of sub-directories objects are spread over
 * @param fileMode the mode of object files, in octal
 * @param dirMode the mode of directories that are created, in octal
 */
public record FsJavaConfig(
    @ConfigField(name = "base_path", doc = DirectoryFields.BASE_PATH, required = true)
        Path basePath,
    @ConfigField(
            name = "num_workers",
            doc =
                "worker threads, which is the I/O queue depth; raise it where the file system's"
                    + " total bandwidth exceeds one stream's",
            defaultValue = "4",
            min = 1,
            max = 1024)
        int numWorkers,
    @ConfigField(
            name = "relative_tmp_dir",
            doc = DirectoryFields.RELATIVE_TMP_DIR,
            defaultValue = "")
        String relativeTmpDir,
    @ConfigField(
            name = "read_ahead_size",
            doc = DirectoryFields.READ_AHEAD_SIZE,
            min = 1,
            unit = "bytes")
        @Nullable Integer readAheadSize,
    @ConfigField(name = "use_odirect", doc = DirectoryFields.USE_ODIRECT, defaultValue = "false")
        UseOdirect useOdirect,
    @ConfigField(
            name = "max_capacity_gb",
            doc = DirectoryFields.MAX_CAPACITY_GB,
            defaultValue = "0",
            min = 0,
            unit = "GiB")
        double maxCapacityGb,
    @ConfigField(name = "checksum", doc = DirectoryFields.CHECKSUM, defaultValue = "crc32c")
        Checksum checksum,
    @ConfigField(name = "fsync", doc = DirectoryFields.FSYNC, defaultValue = "none") Fsync fsync,
    @ConfigField(
            name = "hash_subdir_levels",
            doc = DirectoryFields.HASH_SUBDIR_LEVELS,
            defaultValue = "0",
            min = 0,
            max = 2)
        int hashSubdirLevels,
    @ConfigField(name = "file_mode", doc = DirectoryFields.FILE_MODE, defaultValue = "0600")
        String fileMode,
    @ConfigField(name = "dir_mode", doc = DirectoryFields.DIR_MODE, defaultValue = "0700")
        String dirMode)
    implements ConfigChecks {

  static final String TYPE = "fs_java";

  @Override
  public void validate(Problems problems) {
    DirectoryFields.check(relativeTmpDir, fileMode, dirMode, problems);
    DirectoryFields.checkGib("max_capacity_gb", maxCapacityGb, problems);
  }

  @Override
  public void validate(CommonConfig common, Problems problems) {
    validate(problems);
    DirectoryFields.check(common, problems);
  }

  DirectoryOptions directoryOptions(CommonConfig common) {
    return new DirectoryOptions(
        basePath,
        relativeTmpDir,
        hashSubdirLevels,
        common.shared(),
        common.persistEnabled(),
        FileMode.permissions(dirMode),
        FileMode.permissions(fileMode),
        fsync,
        TYPE);
  }

  /** The capacity in bytes; 0 for none. */
  long capacityBytes() {
    return DirectoryFields.bytes(maxCapacityGb);
  }
}
