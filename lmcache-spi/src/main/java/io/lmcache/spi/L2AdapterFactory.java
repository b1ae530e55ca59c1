// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Makes the adapters of one type. It is found by {@link java.util.ServiceLoader}: a jar on the
 * class path names its factory in {@code META-INF/services/io.lmcache.spi.L2AdapterFactory}, for
 * instance by {@code @AutoService(L2AdapterFactory.class)}, and a configuration picks it by its
 * {@code type}.
 *
 * <p>A factory has a public constructor without parameters that does nothing. Its methods may be
 * called from any thread.
 */
public interface L2AdapterFactory {

  /**
   * The {@code type} that a configuration names: a lower-case letter, then lower-case letters,
   * digits, {@code _} and {@code -}, at most 64 in all. Two factories of one type are an error.
   */
  String type();

  /** Other names of the type. */
  default List<String> aliases() {
    return List.of();
  }

  /** The record that describes the type's configuration; see {@link ConfigField}. */
  Class<? extends Record> configType();

  /**
   * Why adapters of this type cannot run here, if they cannot: a library that does not load,
   * another operating system. One line, with what would help. Asking may load what is needed, and
   * opens nothing.
   */
  default Optional<String> unavailability() {
    return Optional.empty();
  }

  /**
   * Opens an adapter. When it returns, requests may be submitted; what exceptions leave behind is
   * nothing: no thread, descriptor or temporary file.
   *
   * @param spec the configuration; {@code spec.bind(MyConfig.class)} gives the record
   * @param context what the adapter may use until it is closed
   * @throws L2ConfigException if the configuration is wrong, all problems at once
   * @throws IOException if the configuration is right, but the storage cannot be used
   */
  L2Adapter open(AdapterSpec spec, L2AdapterContext context) throws L2ConfigException, IOException;
}
