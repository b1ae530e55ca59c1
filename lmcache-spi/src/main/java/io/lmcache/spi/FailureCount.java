// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

/**
 * How many keys have failed in one way since the adapter was opened.
 *
 * @param operation what was asked for: {@code store}, {@code load}, {@code lookup}, {@code delete}
 * @param error the {@link L2Error#nativeCode() native code}, such as {@code ENOSPC}; without one
 *     the name of the {@link L2ErrorCode}
 * @param count how many keys, at least one
 */
public record FailureCount(String operation, String error, long count) {}
