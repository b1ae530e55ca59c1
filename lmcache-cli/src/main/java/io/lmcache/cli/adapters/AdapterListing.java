// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.adapters;

import io.lmcache.core.AdapterDescription;
import io.lmcache.core.AdapterRegistry;
import io.lmcache.core.BrokenProvider;
import io.lmcache.core.FieldDescription;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What discovery found, in an order that does not depend on the class path's.
 *
 * @param adapters the types that can be named in a configuration
 * @param broken the providers that were found and cannot be used
 * @param descriptorFiles how many files were read to find them
 */
record AdapterListing(
    List<AdapterDescription> adapters, List<BrokenProvider> broken, int descriptorFiles) {

  static AdapterListing of(AdapterRegistry registry) {
    return new AdapterListing(
        registry.adapters().stream()
            .sorted(
                Comparator.comparing(AdapterDescription::type)
                    .thenComparing(AdapterDescription::className)
                    .thenComparing(AdapterDescription::jar))
            .toList(),
        registry.broken().stream()
            .sorted(
                Comparator.comparing(BrokenProvider::provider).thenComparing(BrokenProvider::jar))
            .toList(),
        registry.descriptorFiles());
  }

  /** Only those that go by a name; empty if none does. */
  Optional<AdapterListing> only(String name) {
    List<AdapterDescription> matching =
        adapters.stream()
            .filter(adapter -> adapter.type().equals(name) || adapter.aliases().contains(name))
            .toList();
    return matching.isEmpty()
        ? Optional.empty()
        : Optional.of(new AdapterListing(matching, broken, descriptorFiles));
  }

  /** A field's default; a secret one is not shown. */
  static Optional<String> shownDefault(FieldDescription field) {
    return field.secret() ? field.defaultValue().map(secret -> "***") : field.defaultValue();
  }

  /** All types, each once. */
  Stream<String> types() {
    return adapters.stream().map(AdapterDescription::type).distinct();
  }
}
