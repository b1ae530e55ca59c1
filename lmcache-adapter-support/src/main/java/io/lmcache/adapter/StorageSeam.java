// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

/**
 * What a context may implement besides {@code L2AdapterContext}, to stand between {@link
 * BlockingL2Adapter} and its storage: the testkit's does, so that it can hold the storage of any
 * adapter that is built that way, as a device that does not answer would.
 */
public interface StorageSeam {

  /** The storage to use instead of the given one, which it passes calls on to. */
  BlockingStorage around(BlockingStorage storage);
}
