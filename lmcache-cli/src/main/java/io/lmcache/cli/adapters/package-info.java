// SPDX-License-Identifier: Apache-2.0
/**
 * {@code lmcache adapters}: which adapter types this installation has, and what their
 * configurations take. All of it comes from the adapters' own descriptions.
 */
@NullMarked
package io.lmcache.cli.adapters;

import org.jspecify.annotations.NullMarked;
