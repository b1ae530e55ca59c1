// SPDX-License-Identifier: Apache-2.0
/**
 * {@code fs_native} measured beside its peers, both sides in turn in one run, on the same kind of
 * memory and the same file system. Nothing is published, and nothing depends on it.
 *
 * <p>{@link io.lmcache.benchmarks.Main} runs one of {@link
 * io.lmcache.benchmarks.PriorityBenchmark}, {@link io.lmcache.benchmarks.SplitBenchmark}, {@link
 * io.lmcache.benchmarks.PeersBenchmark} and {@link io.lmcache.benchmarks.CallsBenchmark}.
 */
@NullMarked
package io.lmcache.benchmarks;

import org.jspecify.annotations.NullMarked;
