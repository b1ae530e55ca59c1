// SPDX-License-Identifier: Apache-2.0
/** Tests of the command line, the launcher and what all commands share. */
@NullMarked
package io.lmcache.cli;

import org.jspecify.annotations.NullMarked;
