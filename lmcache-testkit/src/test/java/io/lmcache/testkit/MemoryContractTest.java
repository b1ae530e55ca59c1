// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.Feature;
import java.nio.file.Path;
import java.util.Set;

/** The contract of {@code memory}. */
final class MemoryContractTest extends L2AdapterContract {

  @Override
  protected AdapterSpec spec(Path directory) {
    return AdapterSpec.of("memory", new MemoryAdapterFactory.Config(4, 0));
  }

  @Override
  protected Set<Feature> declines() {
    return Set.of(Feature.PERSISTENCE);
  }
}
