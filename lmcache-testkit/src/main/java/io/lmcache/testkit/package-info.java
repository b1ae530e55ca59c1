// SPDX-License-Identifier: Apache-2.0
/**
 * The contract of an L2 adapter as tests, and two adapters for other people's tests.
 *
 * <p>An adapter's test class extends {@link io.lmcache.testkit.L2AdapterContract}. The rules and
 * their ids are in {@code docs/contract.md}. The types {@code memory} and {@code fault_inject} are
 * found by {@code ServiceLoader} wherever this jar is on the class path.
 */
@NullMarked
package io.lmcache.testkit;

import org.jspecify.annotations.NullMarked;
