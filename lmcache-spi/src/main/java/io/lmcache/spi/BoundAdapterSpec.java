// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

/** A spec whose record is there already. */
record BoundAdapterSpec(String type, Record config, CommonConfig common) implements AdapterSpec {

  @Override
  public String where() {
    return type;
  }

  @Override
  public <C extends Record> C bind(Class<C> configType) throws L2ConfigException {
    if (!configType.isInstance(config)) {
      throw new L2ConfigException(
          new Problem(
              where(),
              "",
              "needs a configuration of "
                  + configType.getName()
                  + ", got "
                  + config.getClass().getName()));
    }
    return configType.cast(config);
  }

  /** Without the configuration, which may hold secrets. */
  @Override
  public String toString() {
    return where();
  }
}
