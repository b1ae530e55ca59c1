// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it;

import io.lmcache.core.AdapterEnvironment;
import io.lmcache.core.AdapterRegistry;
import io.lmcache.core.OpenAdapter;
import io.lmcache.spi.L2AdapterListener;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Stores one batch of 64 objects and lists them, says so, and then does nothing until its input
 * ends. Argument: the adapter's JSON.
 */
public final class BatchProgram {

  public static final int KEYS = 64;
  static final int OBJECT_BYTES = 64 * 1024;

  private BatchProgram() {}

  @SuppressWarnings("SystemOut")
  public static void main(String[] args) throws Exception {
    AdapterRegistry registry = AdapterRegistry.discover();
    AdapterEnvironment quiet = AdapterEnvironment.of("batch");
    // A listener of its own, so that the thread that calls listeners is there too.
    AdapterEnvironment environment =
        new AdapterEnvironment(
            quiet.name(),
            quiet.index(),
            quiet.bufferAlignment(),
            quiet.clock(),
            new L2AdapterListener() {},
            quiet.roomMaker());
    try (OpenAdapter open = registry.open(registry.parse("batch", args[0]), environment)) {
      List<StoreItem> items = new ArrayList<>();
      for (int i = 0; i < KEYS; i++) {
        ObjectKey key = ObjectKey.of(new byte[] {(byte) i}, "batch", 0);
        items.add(new StoreItem(key, MemoryObject.of(ByteBuffer.allocateDirect(OBJECT_BYTES))));
      }
      int stored =
          open.adapter()
              .store(StoreRequest.of(items))
              .toCompletableFuture()
              .get()
              .count(StoreOutcome.STORED);
      int listed =
          open.adapter().list(ListRequest.first(1000)).toCompletableFuture().get().entries().size();
      System.out.println("stored " + stored + " listed " + listed);
      System.out.flush();
      while (System.in.read() >= 0) {
        // Nothing is ever sent; the end of the input is the signal to go.
      }
    }
  }
}
