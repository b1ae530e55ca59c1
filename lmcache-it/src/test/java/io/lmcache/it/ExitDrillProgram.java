// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it;

import io.lmcache.core.AdapterEnvironment;
import io.lmcache.core.AdapterRegistry;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreRequest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * Ends in the middle of stores without closing anything: whenever some are done, they begin anew.
 * Arguments: how to end, the adapter's JSON. Before it ends it says how many buffers are lent.
 */
final class ExitDrillProgram {

  static final int OBJECT_BYTES = 256 * 1024;
  private static final int BATCHES = 16;
  private static final int KEYS = 16;

  private final L2Adapter adapter;
  private final ByteBuffer bytes = ByteBuffer.allocateDirect(OBJECT_BYTES);
  private final CountDownLatch firstStored = new CountDownLatch(1);

  private ExitDrillProgram(L2Adapter adapter) {
    this.adapter = adapter;
  }

  @SuppressWarnings("SystemOut")
  public static void main(String[] args) throws Exception {
    AdapterRegistry registry = AdapterRegistry.discover();
    L2Adapter adapter =
        registry.open(registry.parse("drill", args[1]), AdapterEnvironment.of("drill")).adapter();
    ExitDrillProgram program = new ExitDrillProgram(adapter);
    for (int batch = 0; batch < BATCHES; batch++) {
      program.storeAgainAndAgain(batch);
    }
    program.firstStored.await();
    System.out.println("loans " + adapter.loans());
    System.out.flush();
    switch (args[0]) {
      case "exit" -> System.exit(0);
      case "halt" -> Runtime.getRuntime().halt(0);
      case "sigterm" -> new CountDownLatch(1).await();
      default -> {
        // Returning from main ends the JVM too: every thread of the adapter is a daemon.
      }
    }
  }

  private void storeAgainAndAgain(int batch) {
    List<StoreItem> items = new ArrayList<>();
    for (int i = 0; i < KEYS; i++) {
      byte[] hash = {(byte) batch, (byte) i};
      items.add(new StoreItem(ObjectKey.of(hash, "drill", 0), MemoryObject.of(bytes)));
    }
    adapter
        .store(new StoreRequest(items, StoreMode.REPLACE, Options.DEFAULT))
        .thenRun(
            () -> {
              firstStored.countDown();
              storeAgainAndAgain(batch);
            });
  }
}
