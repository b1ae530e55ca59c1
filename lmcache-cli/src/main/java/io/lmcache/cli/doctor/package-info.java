// SPDX-License-Identifier: Apache-2.0
/**
 * {@code lmcache doctor}: what of a configuration this machine really does.
 *
 * <p>It knows no adapter. {@link io.lmcache.cli.doctor.Examination} opens each one and reads what
 * it says of itself, {@link io.lmcache.cli.doctor.Setting} reads what was asked for and what came
 * of it, and {@link io.lmcache.cli.doctor.ObjectSize} tells which objects go past the page cache.
 */
@NullMarked
package io.lmcache.cli.doctor;

import org.jspecify.annotations.NullMarked;
