// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.l2.fs.jni.DirectCase.Fault;

/** Plans the faults of the O_DIRECT matrix: from a {@link NativeSeam#reset} to the next. */
final class DirectFaults {

  /** To how many bytes a transfer is cut short. */
  static final int SHORT_BYTES = 512;

  /** How many bytes are written before there is no more room. */
  static final int BYTES_BEFORE_ENOSPC = 4096;

  private static final int EINTR = 4;
  private static final int EINVAL = 22;
  private static final int ENOSPC = 28;
  private static final int EDQUOT = 122;

  private DirectFaults() {}

  /** In the next store. */
  static void planForStore(Fault fault) {
    switch (fault) {
      case EINVAL_AT_OPEN -> NativeSeam.fail(NativeSeam.CREATE, 1, EINVAL);
      case EINVAL_AT_WRITE -> NativeSeam.fail(NativeSeam.WRITE, 1, EINVAL);
      case SHORT -> NativeSeam.shorten(NativeSeam.WRITE, 1, SHORT_BYTES);
      case EINTR -> NativeSeam.fail(NativeSeam.WRITE, 1, EINTR);
      case ENOSPC_MID_FILE -> {
        NativeSeam.shorten(NativeSeam.WRITE, 1, BYTES_BEFORE_ENOSPC);
        NativeSeam.fail(NativeSeam.WRITE, 2, ENOSPC);
      }
      case EDQUOT_AT_CLOSE -> NativeSeam.fail(NativeSeam.CLOSE, 1, EDQUOT);
      case NONE, EINVAL_AT_READ -> {}
    }
  }

  /** In the next load. */
  static void planForLoad(Fault fault) {
    switch (fault) {
      case EINVAL_AT_OPEN -> NativeSeam.fail(NativeSeam.OPEN, 1, EINVAL);
      case EINVAL_AT_READ -> NativeSeam.fail(NativeSeam.READ, 1, EINVAL);
      case SHORT -> NativeSeam.shorten(NativeSeam.READ, 1, SHORT_BYTES);
      case EINTR -> NativeSeam.fail(NativeSeam.READ, 1, EINTR);
      case NONE, EINVAL_AT_WRITE, ENOSPC_MID_FILE, EDQUOT_AT_CLOSE -> {}
    }
  }

  /** The errno that a key fails with. */
  static String errno(Fault fault) {
    return switch (fault) {
      case ENOSPC_MID_FILE -> "ENOSPC";
      case EDQUOT_AT_CLOSE -> "EDQUOT";
      default -> "EINVAL";
    };
  }
}
