// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.lmcache.core.memory;

import org.jspecify.annotations.NullMarked;
