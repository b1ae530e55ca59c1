// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests submitted together and waited for together. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class BurstTest {

  @Test
  void aSubmitThatThrowsAnErrorIsAnswered() {
    Burst<String> burst = new Burst<>();
    burst.submit(() -> CompletableFuture.completedStage("fine"));
    burst.submit(
        () -> {
          throw new OutOfMemoryError("planned");
        });
    burst.await();

    assertThat(burst.answer(0)).isEqualTo("fine");
    assertThat(burst.failure(1)).isInstanceOf(OutOfMemoryError.class);
  }
}
