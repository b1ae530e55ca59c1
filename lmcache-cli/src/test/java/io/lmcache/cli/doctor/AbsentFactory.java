// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.doctor;

import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2AdapterFactory;
import java.util.Optional;

/** A type, {@code test_absent}, that cannot run here. */
public final class AbsentFactory implements L2AdapterFactory {

  /** It has no fields. */
  record Config() {}

  @Override
  public String type() {
    return "test_absent";
  }

  @Override
  public Class<? extends Record> configType() {
    return Config.class;
  }

  @Override
  public Optional<String> unavailability() {
    return Optional.of("no libabsent.so, install it");
  }

  @Override
  public L2Adapter open(AdapterSpec spec, L2AdapterContext context) {
    throw new AssertionError("it is unavailable");
  }
}
