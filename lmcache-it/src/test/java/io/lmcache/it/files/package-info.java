// SPDX-License-Identifier: Apache-2.0
/** Both file adapters on one directory format: damage, ownership, races, scale. */
@NullMarked
package io.lmcache.it.files;

import org.jspecify.annotations.NullMarked;
