// SPDX-License-Identifier: Apache-2.0
/** Tests of the benchmark, against an adapter in memory with faults on demand. */
@NullMarked
package io.lmcache.cli.bench;

import org.jspecify.annotations.NullMarked;
