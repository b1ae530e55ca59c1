// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import io.lmcache.l2.fs.Checksum;
import io.lmcache.l2.fs.Fsync;
import io.lmcache.l2.fs.UseOdirect;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Makes configurations: the defaults, but for what a test names. For one thread. */
final class Configs {

  private final Path basePath;
  private int numWorkers = 4;
  private String relativeTmpDir = "";
  private @Nullable Integer readAheadSize;
  private UseOdirect useOdirect = UseOdirect.OFF;
  private double maxCapacityGb;
  private Checksum checksum = Checksum.CRC32C;
  private Fsync fsync = Fsync.NONE;
  private int hashSubdirLevels;
  private String fileMode = "0600";
  private String dirMode = "0700";

  private Configs(Path basePath) {
    this.basePath = basePath;
  }

  static Configs in(Path basePath) {
    return new Configs(basePath);
  }

  Configs numWorkers(int value) {
    numWorkers = value;
    return this;
  }

  Configs relativeTmpDir(String value) {
    relativeTmpDir = value;
    return this;
  }

  Configs readAheadSize(int value) {
    readAheadSize = value;
    return this;
  }

  Configs useOdirect(UseOdirect value) {
    useOdirect = value;
    return this;
  }

  Configs maxCapacityGb(double value) {
    maxCapacityGb = value;
    return this;
  }

  Configs checksum(Checksum value) {
    checksum = value;
    return this;
  }

  Configs fsync(Fsync value) {
    fsync = value;
    return this;
  }

  Configs hashSubdirLevels(int value) {
    hashSubdirLevels = value;
    return this;
  }

  Configs fileMode(String value) {
    fileMode = value;
    return this;
  }

  Configs dirMode(String value) {
    dirMode = value;
    return this;
  }

  FsJavaConfig make() {
    return new FsJavaConfig(
        basePath,
        numWorkers,
        relativeTmpDir,
        readAheadSize,
        useOdirect,
        maxCapacityGb,
        checksum,
        fsync,
        hashSubdirLevels,
        fileMode,
        dirMode);
  }
}
