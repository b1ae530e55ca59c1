// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core;

import java.util.concurrent.CompletionStage;

/** Makes room in an adapter that is full, usually by eviction. Called from any thread. */
@FunctionalInterface
public interface RoomMaker {

  /**
   * Asks for room; must not block.
   *
   * @param bytes how much is wanted
   * @return completes with the bytes that were freed; 0 if none could be
   */
  CompletionStage<Long> needRoom(long bytes);
}
