// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The close of a storage may take for ever, on a device that does not answer; the close of its
 * adapter has a bound. So they are not one thread's, however the workers and the closing thread
 * overtake each other.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class StorageCloseTest {

  private static final int ROUNDS = 500;

  @Test
  void whoClosesTheAdapterDoesNotCloseTheStorage() throws IOException {
    for (int round = 0; round < ROUNDS; round++) {
      MemoryStorage storage = new MemoryStorage();
      TestContext context = new TestContext();
      BlockingL2Adapter.open(storage, 1, 0, context).close();
      assertThat(storage.closed).as("closes in round %d", round).hasValue(1);
      assertThat(storage.closer).isNotNull().isNotSameAs(Thread.currentThread());
      assertThat(context.liveThreads()).isEmpty();
    }
  }
}
