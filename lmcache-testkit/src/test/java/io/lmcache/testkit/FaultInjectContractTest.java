// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.Feature;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** The contract of {@code fault_inject} without faults, but with a latency. */
final class FaultInjectContractTest extends L2AdapterContract {

  @Override
  protected AdapterSpec spec(Path directory) {
    AdapterSpec inner = AdapterSpec.of("memory", new MemoryAdapterFactory.Config(4, 0));
    return AdapterSpec.of(
        "fault_inject",
        new FaultInjectConfig(inner, 0, 0, List.of(), List.of(), 0, 0, 0, 1, 0, 0, 0));
  }

  @Override
  protected Set<Feature> declines() {
    return Set.of(Feature.PERSISTENCE);
  }
}
