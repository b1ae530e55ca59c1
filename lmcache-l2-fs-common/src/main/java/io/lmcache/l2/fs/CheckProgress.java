// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

/**
 * How far a check has come; nobody knows how much there is.
 *
 * @param files what was met, without what is foreign
 * @param bytesRead of payloads
 * @param problems what was wrong
 */
public record CheckProgress(long files, long bytesRead, long problems) {}
