// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import io.lmcache.l2.fs.DirectoryOptions;
import io.lmcache.spi.CommonConfig;
import io.lmcache.spi.ConfigChecks;
import io.lmcache.spi.ConfigField;
import io.lmcache.spi.JsonLiteral;
import io.lmcache.spi.Problems;
import java.nio.file.Path;
import java.util.List;
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
    @ConfigField(
            name = "base_path",
            doc = "directory of the KV cache files; created with its parents, mode dir_mode",
            required = true)
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
            doc = "sub-directory of base_path for files being written; empty: base_path itself",
            defaultValue = "")
        String relativeTmpDir,
    @ConfigField(
            name = "read_ahead_size",
            doc =
                "length of the first read of a buffered load, which warms the file system's"
                    + " read-ahead; ignored when the read is direct",
            min = 1,
            unit = "bytes")
        @Nullable Integer readAheadSize,
    @ConfigField(
            name = "use_odirect",
            doc =
                "true: bypass the page cache where the file system and the buffers allow it;"
                    + " \"require\": fail where they do not",
            defaultValue = "false")
        UseOdirect useOdirect,
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
            name = "fsync",
            doc =
                "none: objects survive the death of the process; data: after power loss an object"
                    + " is whole or absent; full: an acknowledged object is there",
            defaultValue = "none")
        Fsync fsync,
    @ConfigField(
            name = "hash_subdir_levels",
            doc =
                "levels of sub-directories, for file systems that are slow with large directories;"
                    + " upstream reads only 0",
            defaultValue = "0",
            min = 0,
            max = 2)
        int hashSubdirLevels,
    @ConfigField(
            name = "file_mode",
            doc = "octal mode of the files, whatever the umask",
            defaultValue = "0600")
        String fileMode,
    @ConfigField(
            name = "dir_mode",
            doc = "octal mode of directories that are created, whatever the umask",
            defaultValue = "0700")
        String dirMode)
    implements ConfigChecks {

  static final String TYPE = "fs_java";

  /** {@code use_odirect}. */
  public enum UseOdirect {
    /** Through the page cache. */
    @JsonLiteral("false")
    OFF,
    /** Past it where that works. */
    @JsonLiteral("true")
    ON,
    /** Past it, or not at all. */
    @JsonLiteral("require")
    REQUIRE
  }

  /** {@code checksum}. */
  public enum Checksum {
    /** CRC-32C. */
    CRC32C,
    /** None is computed, and none is compared. */
    NONE
  }

  /** {@code fsync}. */
  public enum Fsync {
    /** Nothing waits for the disk. */
    NONE,
    /** A file's bytes are on the disk before its name appears. */
    DATA,
    /** So is the name before the store completes. */
    FULL
  }

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
    FileMode.check("file_mode", fileMode, "0600", problems);
    FileMode.check("dir_mode", dirMode, "0700", problems);
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
        TYPE);
  }

  /** The capacity in bytes; 0 for none. */
  long capacityBytes() {
    return (long) Math.min(maxCapacityGb * (1L << 30), Long.MAX_VALUE);
  }
}
