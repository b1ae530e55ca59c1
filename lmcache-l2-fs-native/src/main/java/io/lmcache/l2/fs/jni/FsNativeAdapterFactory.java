// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import com.google.auto.service.AutoService;
import io.lmcache.adapter.Capacity;
import io.lmcache.l2.fs.DirectoryFields;
import io.lmcache.l2.fs.DirectoryOptions;
import io.lmcache.l2.fs.DiskGuard;
import io.lmcache.l2.fs.DiskSpace;
import io.lmcache.l2.fs.ObjectDirectory;
import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2AdapterFactory;
import io.lmcache.spi.L2ConfigException;
import io.lmcache.spi.Problems;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
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
    return FsNativeConfig.TYPE;
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
    Problems problems = new Problems(spec.where());
    config.validate(context.common(), problems);
    problems.throwIfAny();
    NativeLibrary.ensure();
    if (context.common().eviction() == null && config.capacityBytes() > 0) {
      log.warn(
          "{}: max_capacity_gb without an eviction block only counts; nothing is evicted",
          spec.where());
    }
    DirectoryOptions options = config.directoryOptions(context.common());
    ObjectDirectory directory =
        context.examination() ? ObjectDirectory.examine(options) : ObjectDirectory.open(options);
    DiskGuard guard = null;
    NativeConnector client;
    try {
      guard = guard(config, directory, context);
      client = LMCacheFSClient.open(directory, config, guard, context);
    } catch (IOException | RuntimeException | Error e) {
      if (guard != null) {
        guard.close();
      }
      directory.close();
      throw e;
    }
    Capacity capacity = guard == null ? Capacity.of(config.capacityBytes()) : guard;
    return NativeConnectorL2Adapter.start(client, capacity, context);
  }

  private static @Nullable DiskGuard guard(
      FsNativeConfig config, ObjectDirectory directory, L2AdapterContext context)
      throws IOException {
    return !config.guardsDisk()
        ? null
        : new DiskGuard(
            config.capacityBytes(),
            config.diskHighWatermark(),
            DirectoryFields.bytes(config.diskMinFreeGb()),
            () -> DiskSpace.of(directory.base()),
            System::nanoTime,
            context.threads(),
            context.name());
  }
}
