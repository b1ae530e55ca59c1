// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

/**
 * The configuration of one adapter, before the adapter's own record is bound to it. Immutable; safe
 * for use by many threads.
 */
public interface AdapterSpec {

  /** The {@code type}: which adapter it is. */
  String type();

  /** What error messages call this configuration, such as {@code --l2-adapter #2 (fs_native)}. */
  String where();

  /** The fields that are common to all adapters. */
  CommonConfig common();

  /**
   * The adapter's own fields.
   *
   * @param configType a record whose components carry {@link ConfigField}
   * @throws L2ConfigException with all problems at once
   * @throws IllegalArgumentException if the record is not fit to describe a configuration
   */
  <C extends Record> C bind(Class<C> configType) throws L2ConfigException;

  /**
   * A spec made from a bound record, for programs that have no JSON.
   *
   * @param type the adapter's type
   * @param config its configuration; {@link #bind} gives it back as it is
   */
  static AdapterSpec of(String type, Record config) {
    return new BoundAdapterSpec(type, config, CommonConfig.DEFAULT);
  }

  /** The same with common fields. */
  static AdapterSpec of(String type, Record config, CommonConfig common) {
    return new BoundAdapterSpec(type, config, common);
  }
}
