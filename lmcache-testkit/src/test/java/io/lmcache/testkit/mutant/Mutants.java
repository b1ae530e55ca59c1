// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import java.util.List;
import java.util.stream.Stream;

/** All of them, by the groups of the contract. */
final class Mutants {

  private Mutants() {}

  static List<Mutant> all() {
    return Stream.of(
            SubmitMutants.all(),
            BufferMutants.all(),
            PaddingMutants.all(),
            SizeMutants.all(),
            LimitMutants.all(),
            StoreMutants.all(),
            LookupMutants.all(),
            PinMutants.all(),
            LoadMutants.all(),
            DeleteMutants.all(),
            ListMutants.all(),
            UsageMutants.all(),
            EventMutants.all(),
            OrderMutants.all(),
            ConcurrencyMutants.all(),
            DeadlineMutants.all(),
            FailureMutants.all(),
            HealthMutants.all(),
            CloseMutants.all(),
            ReopenMutants.all(),
            ExaminationMutants.all(),
            ConfigMutants.all())
        .flatMap(List::stream)
        .toList();
  }
}
