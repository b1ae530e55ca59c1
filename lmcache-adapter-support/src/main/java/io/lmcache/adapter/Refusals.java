// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.Feature;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.Retry;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** What an adapter refuses before its backend sees it. */
final class Refusals {

  private final AdapterLimits limits;
  private final String name;

  Refusals(AdapterLimits limits, String name) {
    this.limits = limits;
    this.name = name;
  }

  /** That is misuse. */
  void requireNotTooMany(int keys) {
    if (keys > limits.maxKeysPerRequest()) {
      throw new IllegalArgumentException(
          "a request may have " + limits.maxKeysPerRequest() + " keys, this one has " + keys);
    }
  }

  /** Why the adapter does not do this; null if it does. */
  @Nullable L2Error declined(Feature feature) {
    return limits.declined().contains(feature)
        ? L2Error.of(L2ErrorCode.DECLINED, Retry.NEVER, name + " declines " + feature)
        : null;
  }

  /** Why the object of a key is not stored; null if nothing is against it. */
  @Nullable L2Error tooLarge(Request<?> request, int i) {
    if (request.objects().isEmpty()
        || request.objects().get(i).sizeBytes() <= limits.maxObjectBytes()) {
      return null;
    }
    return L2Error.of(
        L2ErrorCode.TOO_LARGE,
        Retry.NEVER,
        "an object may have "
            + limits.maxObjectBytes()
            + " bytes, this one has "
            + request.objects().get(i).sizeBytes()
            + ": "
            + request.key(i));
  }

  /** Fails every key of a request of which nothing has begun. */
  static <R> CompletionStage<R> refuse(Request<R> request, L2Error error) {
    for (int i = 0; i < request.keys().size(); i++) {
      request.failed(i, error);
    }
    request.prepare();
    request.complete();
    return request.stage();
  }
}
