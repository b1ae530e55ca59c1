// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

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
 * The configuration of {@code fs_native}.
 *
 * @param basePath the directory of the objects
 * @param numWorkers how many C++ threads do I/O
 * @param relativeTmpDir where below {@code basePath} files are staged; empty for {@code basePath}
 *     itself
 * @param useOdirect whether files are read and written past the page cache
 * @param readAheadSize the length of the first read of a buffered load, in bytes; null for no such
 *     read
 * @param readIoDepth how many further threads do all loads; 0: the workers do
 * @param readMaxBytesInFlight how many bytes of objects are being loaded at the same time at most;
 *     0 for no limit, or for {@link #DEFAULT_READ_WINDOW} where there are readers
 * @param maxCapacityGb the capacity in GiB that usage is measured against; 0 for none
 * @param diskHighWatermark the fraction of the file system that may be used; 0 for no such limit
 * @param diskMinFreeGb what must stay free on the file system, in GiB; 0 for no such limit
 * @param checksum what is computed over the bytes of an object when it is stored, and compared when
 *     it is loaded
 * @param fsync what is on the disk when a store completes
 * @param hashSubdirLevels how many levels of sub-directories objects are spread over
 * @param fileMode the mode of object files, in octal
 * @param dirMode the mode of directories that are created, in octal
 */
public record FsNativeConfig(
    @ConfigField(name = "base_path", doc = DirectoryFields.BASE_PATH, required = true)
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
            doc = DirectoryFields.RELATIVE_TMP_DIR,
            defaultValue = "")
        String relativeTmpDir,
    @ConfigField(name = "use_odirect", doc = DirectoryFields.USE_ODIRECT, defaultValue = "false")
        UseOdirect useOdirect,
    @ConfigField(
            name = "read_ahead_size",
            doc = DirectoryFields.READ_AHEAD_SIZE,
            min = 1,
            unit = "bytes")
        @Nullable Integer readAheadSize,
    @ConfigField(
            name = "read_io_depth",
            doc = "further C++ threads that do all loads; 0: the workers do them",
            defaultValue = "0",
            min = 0,
            max = 1024)
        int readIoDepth,
    @ConfigField(
            name = "read_max_bytes_in_flight",
            doc =
                "bytes of objects that are being loaded at the same time, at most; 0: 1536 MiB if"
                    + " read_io_depth is set, else no limit",
            defaultValue = "0",
            min = 0,
            unit = "bytes")
        long readMaxBytesInFlight,
    @ConfigField(
            name = "max_capacity_gb",
            doc = DirectoryFields.MAX_CAPACITY_GB,
            defaultValue = "0",
            min = 0,
            unit = "GiB")
        double maxCapacityGb,
    @ConfigField(
            name = "disk_high_watermark",
            doc =
                "fraction of the file system that may be used, by whomever; beyond it the capacity"
                    + " shrinks; 0: no such limit",
            defaultValue = "0",
            min = 0,
            max = 1)
        double diskHighWatermark,
    @ConfigField(
            name = "disk_min_free_gb",
            doc =
                "what must stay free on the file system; below it the capacity shrinks; 0: no such"
                    + " limit",
            defaultValue = "0",
            min = 0,
            unit = "GiB")
        double diskMinFreeGb,
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

  static final String TYPE = "fs_native";

  /** How many bytes readers load at the same time if nothing is said. */
  static final long DEFAULT_READ_WINDOW = 1536L << 20;

  @Override
  public void validate(Problems problems) {
    DirectoryFields.check(relativeTmpDir, fileMode, dirMode, problems);
    DirectoryFields.checkGib("max_capacity_gb", maxCapacityGb, problems);
    DirectoryFields.checkGib("disk_min_free_gb", diskMinFreeGb, problems);
    if (guardsDisk() && maxCapacityGb == 0) {
      problems.add(
          "max_capacity_gb",
          "must be > 0 where disk_high_watermark or disk_min_free_gb is: they lower it");
    }
  }

  @Override
  public void validate(CommonConfig common, Problems problems) {
    validate(problems);
    DirectoryFields.check(common, problems);
    if (guardsDisk() && common.eviction() == null) {
      problems.add(
          "eviction",
          "is required where disk_high_watermark or disk_min_free_gb is set: they only lower the"
              + " capacity, and eviction does the rest");
    }
  }

  /** Whether the file system's own limits lower the capacity. */
  boolean guardsDisk() {
    return diskHighWatermark > 0 || diskMinFreeGb > 0;
  }

  /** How many bytes are loaded at the same time at most; 0 for no limit. */
  long readWindowBytes() {
    return readMaxBytesInFlight == 0 && readIoDepth > 0
        ? DEFAULT_READ_WINDOW
        : readMaxBytesInFlight;
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
