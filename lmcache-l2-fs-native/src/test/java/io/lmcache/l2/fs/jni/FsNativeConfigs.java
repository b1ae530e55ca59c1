// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.l2.fs.Checksum;
import io.lmcache.l2.fs.Fsync;
import io.lmcache.l2.fs.UseOdirect;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Configurations whose other fields have their defaults. */
final class FsNativeConfigs {

  private FsNativeConfigs() {}

  static FsNativeConfig of(Path base, int workers, String relativeTmpDir, double capacityGb) {
    return at(base).workers(workers).tmpDir(relativeTmpDir).capacityGb(capacityGb).build();
  }

  static Builder at(Path base) {
    return new Builder(base);
  }

  /** Collects fields. */
  static final class Builder {
    private final Path base;
    private int workers = 4;
    private String tmpDir = "";
    private UseOdirect direct = UseOdirect.OFF;
    private @Nullable Integer readAhead;
    private int readers;
    private long readWindow;
    private double capacityGb;
    private double highWatermark;
    private double minFreeGb;
    private Checksum checksum = Checksum.CRC32C;
    private Fsync fsync = Fsync.NONE;
    private int levels;
    private String fileMode = "0600";
    private String dirMode = "0700";

    private Builder(Path base) {
      this.base = base;
    }

    Builder workers(int number) {
      workers = number;
      return this;
    }

    Builder tmpDir(String relative) {
      tmpDir = relative;
      return this;
    }

    Builder direct(UseOdirect mode) {
      direct = mode;
      return this;
    }

    Builder readAhead(int bytes) {
      readAhead = bytes;
      return this;
    }

    Builder readers(int number) {
      readers = number;
      return this;
    }

    Builder readWindow(long bytes) {
      readWindow = bytes;
      return this;
    }

    Builder capacityGb(double gib) {
      capacityGb = gib;
      return this;
    }

    Builder diskLimits(double watermark, double freeGb) {
      highWatermark = watermark;
      minFreeGb = freeGb;
      return this;
    }

    Builder checksum(Checksum kind) {
      checksum = kind;
      return this;
    }

    Builder fsync(Fsync kind) {
      fsync = kind;
      return this;
    }

    Builder levels(int number) {
      levels = number;
      return this;
    }

    Builder modes(String files, String directories) {
      fileMode = files;
      dirMode = directories;
      return this;
    }

    FsNativeConfig build() {
      return new FsNativeConfig(
          base,
          workers,
          tmpDir,
          direct,
          readAhead,
          readers,
          readWindow,
          capacityGb,
          highWatermark,
          minFreeGb,
          checksum,
          fsync,
          levels,
          fileMode,
          dirMode);
    }
  }
}
