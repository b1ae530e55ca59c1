// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.adapter.BackendL2Adapter;
import io.lmcache.adapter.Capacity;
import io.lmcache.spi.L2AdapterContext;
import java.io.IOException;

/**
 * The SPI's adapter over a {@link NativeConnector}: the machinery that all adapters share, with a
 * {@link NativeBackend} behind it.
 */
final class NativeConnectorL2Adapter extends BackendL2Adapter {

  private NativeConnectorL2Adapter(
      NativeBackend backend, Capacity capacity, L2AdapterContext context) {
    super(backend, capacity, context);
  }

  /**
   * Begins to serve.
   *
   * @throws IOException if a thread cannot be started; the connector is freed then
   */
  static NativeConnectorL2Adapter start(
      NativeConnector connector, Capacity capacity, L2AdapterContext context) throws IOException {
    NativeConnectorL2Adapter adapter;
    try {
      adapter =
          new NativeConnectorL2Adapter(new NativeBackend(connector, context), capacity, context);
    } catch (RuntimeException | Error e) {
      free(connector);
      throw e;
    }
    adapter.begin();
    return adapter;
  }

  private static void free(NativeConnector connector) {
    connector.stop();
    while (connector.drain((batch, words, offset, items) -> {})) {
      // Nothing was submitted, so there is nothing to hand over.
    }
    connector.destroy();
  }
}
