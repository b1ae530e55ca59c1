// SPDX-License-Identifier: Apache-2.0
/**
 * From JSON text to configuration records: strict, and with all problems of an object at once.
 *
 * <p>{@link io.lmcache.core.config.ConfigRecord} is the model of one record; it reads objects,
 * checks values and describes its fields. What is public here serves the package above and is no
 * API.
 */
@NullMarked
package io.lmcache.core.config;

import org.jspecify.annotations.NullMarked;
