// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

/** To be written. */
abstract class SizeRules {}
