// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.doctor;

import io.lmcache.cli.ExitCode;
import io.lmcache.core.AdapterDescription;
import io.lmcache.core.AdapterRegistry;
import io.lmcache.core.BrokenProvider;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * All that was found out.
 *
 * @param version of this product
 * @param java what runs this
 * @param providers the adapter types
 * @param broken the providers that cannot be used
 * @param alignment of the memory that objects were judged for
 * @param adapters those that were asked for
 */
record DoctorReport(
    String version,
    JavaFacts java,
    List<Provider> providers,
    List<BrokenProvider> broken,
    int alignment,
    List<AdapterReport> adapters) {

  /**
   * An adapter type.
   *
   * @param description what it says of itself
   * @param unavailability why it cannot run here; asked once
   */
  record Provider(AdapterDescription description, Optional<String> unavailability) {}

  static List<Provider> providers(AdapterRegistry registry) {
    return registry.adapters().stream()
        .map(description -> new Provider(description, description.unavailability()))
        .toList();
  }

  static List<BrokenProvider> broken(AdapterRegistry registry) {
    return registry.broken().stream()
        .sorted(Comparator.comparing(BrokenProvider::provider).thenComparing(BrokenProvider::jar))
        .toList();
  }

  /** What was asked for and is not so; a provider that nobody asked for is none. */
  List<Finding> findings() {
    return adapters.stream().flatMap(adapter -> adapter.findings().stream()).toList();
  }

  int exitCode() {
    if (adapters.stream().anyMatch(AdapterReport::misconfigured)) {
      return ExitCode.USAGE;
    }
    return findings().isEmpty() ? ExitCode.OK : ExitCode.FAILURE;
  }
}
