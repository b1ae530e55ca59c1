// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.Feature;
import io.lmcache.spi.L2AdapterFactory;
import io.lmcache.testkit.L2AdapterContract;
import java.nio.file.Path;
import java.util.Set;

/** The contract, run against the mutant of the moment; {@link ContractRun} says which. */
class MutantContract extends L2AdapterContract {

  private final Mutant mutant = ContractRun.current();

  @Override
  protected AdapterSpec spec(Path directory) {
    return AdapterSpec.of(ReferenceFactory.TYPE, new ReferenceConfig(directory));
  }

  @Override
  protected Set<Feature> declines() {
    return mutant.saysItDeclines();
  }

  @Override
  protected boolean insistsOnPadding() {
    return mutant.saysItInsistsOnPadding();
  }

  @Override
  protected L2AdapterFactory factory(AdapterSpec spec) {
    return mutant.factory();
  }
}
