// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core;

import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.CommonConfig;
import io.lmcache.spi.L2ConfigException;
import io.lmcache.spi.Problem;

/** A program's configuration, seen from the adapter that it is inside of. */
final class MovedSpec implements AdapterSpec {

  private final AdapterSpec spec;
  private final String where;

  MovedSpec(AdapterSpec spec, String where) {
    this.spec = spec;
    this.where = where;
  }

  @Override
  public String type() {
    return spec.type();
  }

  @Override
  public String where() {
    return where;
  }

  @Override
  public CommonConfig common() {
    return spec.common();
  }

  @Override
  public <C extends Record> C bind(Class<C> configType) throws L2ConfigException {
    try {
      return spec.bind(configType);
    } catch (L2ConfigException e) {
      throw new L2ConfigException(
          e.problems().stream()
              .map(problem -> new Problem(where, problem.field(), problem.message()))
              .toList());
    }
  }

  @Override
  public String toString() {
    return where;
  }
}
