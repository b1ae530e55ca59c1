// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

/**
 * Which round of an operation.
 *
 * @param warmup whether it is run only to warm up
 * @param number its number among those of its kind, from 0
 */
record RoundId(boolean warmup, int number) {}
