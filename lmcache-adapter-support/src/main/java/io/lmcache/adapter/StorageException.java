// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.Retry;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A failure whose kind the storage knows: callers get its {@link L2Error} as it is, where any other
 * {@link IOException} becomes an {@link L2ErrorCode#IO} that may be tried again.
 */
public final class StorageException extends IOException {

  private static final long serialVersionUID = 1L;

  private final transient @Nullable L2Error error;

  /** Fails the key with this error. */
  public StorageException(L2Error error) {
    super(error.toString());
    this.error = error;
  }

  /** The same, because of something. */
  public StorageException(L2Error error, Throwable cause) {
    super(error.toString(), cause);
    this.error = error;
  }

  /** What the key fails with. */
  public L2Error error() {
    return error == null
        ? L2Error.of(L2ErrorCode.IO, Retry.LATER, String.valueOf(getMessage()))
        : error;
  }
}
