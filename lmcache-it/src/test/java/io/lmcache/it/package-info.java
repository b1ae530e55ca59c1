// SPDX-License-Identifier: Apache-2.0
/**
 * Tests across modules, most of them on the packaged command in processes of its own. Nothing
 * depends on this module.
 */
@NullMarked
package io.lmcache.it;

import org.jspecify.annotations.NullMarked;
