// SPDX-License-Identifier: Apache-2.0
/**
 * {@code lmcache bench l2}: measures any adapter through the SPI, and refuses to call a run good in
 * which an object was not stored, found or loaded as it should be.
 *
 * <p>{@link io.lmcache.cli.bench.BenchRun} is the run; {@link io.lmcache.cli.bench.Phase} times one
 * operation's rounds, and the three {@link io.lmcache.cli.bench.Operation}s say what one round is.
 */
@NullMarked
package io.lmcache.cli.bench;

import org.jspecify.annotations.NullMarked;
