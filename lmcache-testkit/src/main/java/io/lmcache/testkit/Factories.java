// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import io.lmcache.spi.L2AdapterFactory;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/** The factories that {@code ServiceLoader} finds. */
final class Factories {

  private Factories() {}

  static List<L2AdapterFactory> all() {
    return ServiceLoader.load(L2AdapterFactory.class).stream()
        .map(ServiceLoader.Provider::get)
        .toList();
  }

  /** The one of a type or an alias. */
  static Optional<L2AdapterFactory> find(String type) {
    return all().stream()
        .filter(factory -> factory.type().equals(type) || factory.aliases().contains(type))
        .findFirst();
  }
}
