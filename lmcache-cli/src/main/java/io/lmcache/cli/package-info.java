// SPDX-License-Identifier: Apache-2.0
/**
 * The {@code lmcache} command.
 *
 * <p>Results go to standard output, everything else to standard error. Commands return an exit code
 * and throw what went wrong; {@link io.lmcache.cli.CommandErrors} turns that into lines and codes,
 * and {@link io.lmcache.cli.Main} alone ends the process.
 */
@NullMarked
package io.lmcache.cli;

import org.jspecify.annotations.NullMarked;
