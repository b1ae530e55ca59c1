// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.ObjectKey;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class BenchKeysTest {

  @Test
  void noKeyComesTwice() {
    BenchKeys keys = BenchKeys.ofOneRun(0);
    Set<ObjectKey> all = new HashSet<>();
    int made = 0;
    for (boolean warmup : List.of(true, false)) {
      for (int round = 0; round < 10; round++) {
        for (int i = 0; i < 50; i++) {
          all.add(keys.stored(new RoundId(warmup, round), i));
          all.add(keys.absent(new RoundId(warmup, round), i));
          made += 2;
        }
      }
    }

    assertThat(all).hasSize(made);
  }

  @Test
  void twoRunsHaveNoKeyInCommon() {
    RoundId round = new RoundId(false, 0);

    assertThat(BenchKeys.ofOneRun(0).stored(round, 0))
        .isNotEqualTo(BenchKeys.ofOneRun(0).stored(round, 0));
  }

  @Test
  void sharedKeysDependOnTheSeedAlone() {
    RoundId round = new RoundId(false, 3);

    assertThat(BenchKeys.shared(7).stored(round, 5))
        .isEqualTo(BenchKeys.shared(7).stored(round, 5));
    assertThat(BenchKeys.shared(7).stored(round, 5))
        .isNotEqualTo(BenchKeys.shared(8).stored(round, 5));
  }

  @Test
  void keysCarryTheModelOfTheBench() {
    ObjectKey key = BenchKeys.ofOneRun(0).stored(new RoundId(true, 0), 0);

    assertThat(key.modelName()).isEqualTo("lmcache-bench");
    assertThat(key.chunkHash()).hasSize(32);
  }

  @Test
  void remembersWhatMayBeLeft() {
    BenchKeys keys = BenchKeys.shared(0);
    StoredKeys stored = new StoredKeys(keys, 3);
    RoundId first = new RoundId(true, 0);
    RoundId second = new RoundId(false, 0);
    stored.add(first);
    stored.add(second);

    assertThat(stored.count()).isEqualTo(6);
    assertThat(stored.first(4))
        .containsExactly(
            keys.stored(first, 0),
            keys.stored(first, 1),
            keys.stored(first, 2),
            keys.stored(second, 0));
    stored.forget(4);
    assertThat(stored.count()).isEqualTo(2);
    assertThat(stored.first(100)).containsExactly(keys.stored(second, 1), keys.stored(second, 2));
    stored.forget(2);
    assertThat(stored.count()).isZero();
    assertThat(stored.example()).isEmpty();
  }
}
