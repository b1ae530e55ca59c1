// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.CommonConfig;
import io.lmcache.spi.L2ConfigException;

/**
 * A configuration that was read and found to be right. It holds secrets: its text form is only its
 * place.
 */
final class ParsedSpec implements AdapterSpec {

  private final Provider provider;
  private final String where;
  private final CommonConfig common;
  private final Record config;
  private final ObjectNode object;
  private final SpecParser parser;

  ParsedSpec(
      Provider provider,
      String where,
      CommonConfig common,
      Record config,
      ObjectNode object,
      SpecParser parser) {
    this.provider = provider;
    this.where = where;
    this.common = common;
    this.config = config;
    this.object = object;
    this.parser = parser;
  }

  Provider provider() {
    return provider;
  }

  @Override
  public String type() {
    return provider.type();
  }

  @Override
  public String where() {
    return where;
  }

  @Override
  public CommonConfig common() {
    return common;
  }

  @Override
  public <C extends Record> C bind(Class<C> configType) throws L2ConfigException {
    return configType.isInstance(config)
        ? configType.cast(config)
        : parser.read(object, where, common, configType);
  }

  @Override
  public String toString() {
    return where;
  }
}
