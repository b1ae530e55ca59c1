// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import com.google.auto.service.AutoService;
import io.lmcache.l2.fs.DirectoryOptions;
import io.lmcache.l2.fs.ObjectDirectory;
import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.CommonConfig;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2AdapterFactory;
import io.lmcache.spi.L2ConfigException;
import io.lmcache.spi.Problem;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes adapters of type {@code fs_native}. */
@AutoService(L2AdapterFactory.class)
public final class FsNativeAdapterFactory implements L2AdapterFactory {

  private static final Logger log = LoggerFactory.getLogger(FsNativeAdapterFactory.class);

  /** For {@link java.util.ServiceLoader}. */
  public FsNativeAdapterFactory() {}

  @Override
  public String type() {
    return "fs_native";
  }

  @Override
  public Class<? extends Record> configType() {
    return FsNativeConfig.class;
  }

  @Override
  public Optional<String> unavailability() {
    return NativeLibrary.unavailability();
  }

  @Override
  public L2Adapter open(AdapterSpec spec, L2AdapterContext context)
      throws L2ConfigException, IOException {
    FsNativeConfig config = spec.bind(FsNativeConfig.class);
    CommonConfig common = context.common();
    if (!common.persistEnabled() && common.shared()) {
      throw new L2ConfigException(
          new Problem(
              spec.where(),
              "persist_enabled",
              "must be true where \"shared\" is: others may need the files that a close removes"));
    }
    NativeLibrary.ensure();
    if (context.common().eviction() != null) {
      log.warn("{}: the eviction block has no effect yet; nothing is evicted", spec.where());
    } else if (config.capacityBytes() > 0) {
      log.warn(
          "{}: max_capacity_gb without an eviction block only counts; nothing is evicted",
          spec.where());
    }
    ObjectDirectory directory = ObjectDirectory.open(options(config, common));
    NativeConnector client;
    try {
      client = LMCacheFSClient.open(directory, config);
    } catch (IOException | RuntimeException | Error e) {
      directory.close();
      throw e;
    }
    return NativeConnectorL2Adapter.start(client, config.capacityBytes(), context);
  }

  private static DirectoryOptions options(FsNativeConfig config, CommonConfig common) {
    DirectoryOptions defaults = DirectoryOptions.of(config.basePath(), "fs_native");
    return new DirectoryOptions(
        config.basePath(),
        config.relativeTmpDir(),
        config.hashSubdirLevels(),
        common.shared(),
        common.persistEnabled(),
        defaults.directoryMode(),
        defaults.fileMode(),
        "fs_native");
  }
}
