// SPDX-License-Identifier: Apache-2.0
/** Deliberately broken adapters, and the proof that the contract finds each of them. */
@NullMarked
package io.lmcache.testkit.mutant;

import org.jspecify.annotations.NullMarked;
