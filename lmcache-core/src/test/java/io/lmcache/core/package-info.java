// SPDX-License-Identifier: Apache-2.0
/** Discovery, configuration and opening, tested through the public API. */
@NullMarked
package io.lmcache.core;

import org.jspecify.annotations.NullMarked;
