// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

import java.time.Instant;

/**
 * A lease that still holds pins.
 *
 * @param owner the thread that submitted the lookup
 * @param since when the lookup was answered
 * @param keys how many keys it still pins
 */
public record LeaseInfo(String owner, Instant since, int keys) {}
