// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import com.google.auto.service.AutoService;
import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2AdapterFactory;
import io.lmcache.spi.L2ConfigException;
import java.io.IOException;

/** Makes adapters of type {@code fault_inject}; see {@link FaultInjectingL2Adapter}. */
@AutoService(L2AdapterFactory.class)
public final class FaultInjectAdapterFactory implements L2AdapterFactory {

  private static final System.Logger LOG =
      System.getLogger(FaultInjectAdapterFactory.class.getName());

  /** For {@link java.util.ServiceLoader}. */
  public FaultInjectAdapterFactory() {}

  @Override
  public String type() {
    return "fault_inject";
  }

  @Override
  public Class<? extends Record> configType() {
    return FaultInjectConfig.class;
  }

  @Override
  public L2Adapter open(AdapterSpec spec, L2AdapterContext context)
      throws L2ConfigException, IOException {
    FaultInjectConfig config = spec.bind(FaultInjectConfig.class);
    L2Adapter inner = context.open(config.inner());
    if (!config.active().isEmpty()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "{0}: FAULTS ARE INJECTED into {1}, for tests only: {2}",
          context.name(),
          config.inner().type(),
          config.active());
    }
    return new FaultInjectingL2Adapter(inner, config, context);
  }
}
