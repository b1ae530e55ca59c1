// SPDX-License-Identifier: Apache-2.0
/**
 * Type {@code fs_native}: objects as files, with the file I/O in a C++ worker pool.
 *
 * <p>{@link io.lmcache.l2.fs.jni.NativeConnectorL2Adapter} bridges the SPI to any {@link
 * io.lmcache.l2.fs.jni.NativeConnector}, with the machinery that all adapters share and a {@link
 * io.lmcache.l2.fs.jni.NativeBackend} in between; {@link io.lmcache.l2.fs.jni.LMCacheFSClient} is
 * the connector of this module. The C++ half is in {@code src/main/cpp}; {@link
 * io.lmcache.l2.fs.jni.NativeCalls} is the only door to it.
 */
@NullMarked
package io.lmcache.l2.fs.jni;

import org.jspecify.annotations.NullMarked;
