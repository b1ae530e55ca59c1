// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

/**
 * How a close went, counted in keys.
 *
 * @param drained keys whose work ended, well or badly, between close and its bound
 * @param failed keys that no worker had begun; they failed with {@link L2ErrorCode#CLOSED}
 * @param inKernel keys inside a system call when the bound was over. Their stages complete when the
 *     call returns, and until then their buffers stay lent and what they need stays allocated.
 */
public record CloseReport(int drained, int failed, int inKernel) {

  /** Nothing was under way. */
  public static final CloseReport IDLE = new CloseReport(0, 0, 0);
}
