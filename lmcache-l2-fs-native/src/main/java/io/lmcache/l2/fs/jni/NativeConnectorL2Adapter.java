// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.adapter.BackendL2Adapter;
import io.lmcache.spi.L2AdapterContext;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The SPI's adapter over a {@link NativeConnector}: the machinery that all adapters share, with a
 * {@link NativeBackend} behind it.
 */
final class NativeConnectorL2Adapter extends BackendL2Adapter {

  private static final Logger log = LoggerFactory.getLogger(NativeConnectorL2Adapter.class);

  private NativeConnectorL2Adapter(
      NativeBackend backend, long capacityBytes, L2AdapterContext context) {
    super(backend, capacityBytes, context);
  }

  /**
   * Counts what is there and begins to serve.
   *
   * @throws IOException if the backend cannot be read; the connector is freed then
   */
  static NativeConnectorL2Adapter start(
      NativeConnector connector, long capacityBytes, L2AdapterContext context) throws IOException {
    NativeConnectorL2Adapter adapter;
    try {
      adapter =
          new NativeConnectorL2Adapter(
              new NativeBackend(connector, context), capacityBytes, context);
    } catch (RuntimeException | Error e) {
      free(connector);
      throw e;
    }
    adapter.begin();
    long found = adapter.usage().storedObjects();
    if (found > 0) {
      log.info("{}: found {} objects of an earlier run", context.name(), found);
    }
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
