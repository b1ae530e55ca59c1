// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import com.google.auto.service.AutoService;
import io.lmcache.adapter.BlockingL2Adapter;
import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.ConfigField;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2AdapterFactory;
import io.lmcache.spi.L2ConfigException;
import java.io.IOException;

/** Makes adapters of type {@code memory}; see {@link MemoryStorage}. */
@AutoService(L2AdapterFactory.class)
public final class MemoryAdapterFactory implements L2AdapterFactory {

  /** What can be said of it: the number of threads that copy, and a capacity in GiB, 0 for none. */
  public record Config(
      @ConfigField(name = "num_workers", doc = "threads", defaultValue = "4", min = 1, max = 1024)
          int numWorkers,
      @ConfigField(
              name = "max_capacity_gb",
              doc = "capacity for usage tracking; 0: no limit",
              defaultValue = "0",
              min = 0,
              unit = "GiB")
          double maxCapacityGb) {}

  @Override
  public String type() {
    return "memory";
  }

  @Override
  public Class<? extends Record> configType() {
    return Config.class;
  }

  @Override
  public L2Adapter open(AdapterSpec spec, L2AdapterContext context)
      throws L2ConfigException, IOException {
    Config config = spec.bind(Config.class);
    long capacity = (long) (config.maxCapacityGb * (1L << 30));
    return BlockingL2Adapter.open(new MemoryStorage(), config.numWorkers, capacity, context);
  }
}
