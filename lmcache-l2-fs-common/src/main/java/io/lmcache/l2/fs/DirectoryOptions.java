// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * How an adapter wants to use a directory of objects.
 *
 * @param basePath {@code base_path}
 * @param relativeStaging {@code relative_tmp_dir}; empty to stage in {@code base_path} itself
 * @param hashSubdirLevels {@code hash_subdir_levels}: 0, 1 or 2
 * @param shared whether other instances use the directory at the same time
 * @param persistEnabled whether objects stay when the directory is closed
 * @param directoryMode the mode of directories that are created
 * @param fileMode the mode of files that are created
 * @param fsync with {@link Fsync#FULL}, directories that are created are on the disk before they
 *     are used
 * @param adapterType {@code fs_native} or {@code fs_java}, for the message to whoever is refused
 */
public record DirectoryOptions(
    Path basePath,
    String relativeStaging,
    int hashSubdirLevels,
    boolean shared,
    boolean persistEnabled,
    Set<PosixFilePermission> directoryMode,
    Set<PosixFilePermission> fileMode,
    Fsync fsync,
    String adapterType) {

  /** Copies. */
  public DirectoryOptions {
    directoryMode = Set.copyOf(directoryMode);
    fileMode = Set.copyOf(fileMode);
  }

  /** What holds if a configuration says nothing but where. */
  public static DirectoryOptions of(Path basePath, String adapterType) {
    return new DirectoryOptions(
        basePath,
        "",
        0,
        false,
        true,
        PosixFilePermissions.fromString("rwx------"),
        PosixFilePermissions.fromString("rw-------"),
        Fsync.NONE,
        adapterType);
  }
}
