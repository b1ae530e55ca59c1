// SPDX-License-Identifier: Apache-2.0
/** Tests of {@code lmcache doctor}, on adapters that say whatever a test wants. */
@NullMarked
package io.lmcache.cli.doctor;

import org.jspecify.annotations.NullMarked;
