// SPDX-License-Identifier: Apache-2.0
/** Tests of the listing of adapters. */
@NullMarked
package io.lmcache.cli.adapters;

import org.jspecify.annotations.NullMarked;
