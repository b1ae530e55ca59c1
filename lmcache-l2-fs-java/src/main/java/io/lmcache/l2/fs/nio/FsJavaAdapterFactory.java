// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import com.google.auto.service.AutoService;
import io.lmcache.adapter.BlockingL2Adapter;
import io.lmcache.l2.fs.DirectoryOptions;
import io.lmcache.l2.fs.ObjectDirectory;
import io.lmcache.l2.fs.RemovalLimit;
import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.CommonConfig;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2AdapterFactory;
import io.lmcache.spi.L2ConfigException;
import io.lmcache.spi.Problems;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes adapters of type {@code fs_java}. */
@AutoService(L2AdapterFactory.class)
public final class FsJavaAdapterFactory implements L2AdapterFactory {

  private static final Logger log = LoggerFactory.getLogger(FsJavaAdapterFactory.class);

  /** For {@link java.util.ServiceLoader}. */
  public FsJavaAdapterFactory() {}

  @Override
  public String type() {
    return FsJavaConfig.TYPE;
  }

  @Override
  public List<String> aliases() {
    return List.of("fs");
  }

  @Override
  public Class<? extends Record> configType() {
    return FsJavaConfig.class;
  }

  @Override
  public L2Adapter open(AdapterSpec spec, L2AdapterContext context)
      throws L2ConfigException, IOException {
    FsJavaConfig config = spec.bind(FsJavaConfig.class);
    CommonConfig common = context.common();
    Problems problems = new Problems(spec.where());
    config.validate(common, problems);
    problems.throwIfAny();
    if (common.eviction() == null && config.capacityBytes() > 0) {
      log.warn(
          "{}: max_capacity_gb without an eviction block only counts; nothing is evicted",
          spec.where());
    }
    DirectoryOptions options = config.directoryOptions(common);
    ObjectDirectory directory =
        context.examination() ? ObjectDirectory.examine(options) : ObjectDirectory.open(options);
    FsJavaStorage storage =
        openStorage(directory, config, context.name(), FileCalls.SYSTEM, context.examination());
    return BlockingL2Adapter.open(storage, config.numWorkers(), config.capacityBytes(), context);
  }

  /**
   * Finds out what can be done in a directory.
   *
   * @param directory is the storage's, and closed if there will be none
   * @param examination whether it is only looked at
   * @throws IOException if it cannot be used as configured
   */
  static FsJavaStorage openStorage(
      ObjectDirectory directory,
      FsJavaConfig config,
      String adapter,
      FileCalls calls,
      boolean examination)
      throws IOException {
    try {
      FileSystemFeatures features = FileSystemFeatures.of(directory);
      Counters counters = new Counters();
      StagingNames names = new StagingNames(directory.staging(), directory.stagingPrefix());
      DirectIo direct =
          DirectIo.open(config.useOdirect(), names, calls, counters, adapter, examination);
      RemovalLimit limit = new RemovalLimit(System::nanoTime);
      return new FsJavaStorage(directory, config, features, calls, names, direct, counters, limit);
    } catch (IOException | RuntimeException | Error e) {
      try {
        directory.close();
      } catch (IOException | RuntimeException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }
}
