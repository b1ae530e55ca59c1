// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.testkit.Stall;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Holds the C++ workers in their first system call on a file, and lets such calls fail. */
final class SeamStall implements Stall {

  private static final int[] OPERATIONS = {
    NativeSeam.OPEN, NativeSeam.CREATE, NativeSeam.READ, NativeSeam.WRITE, NativeSeam.UNLINK
  };

  private static final int STAT_AT = 5;
  private static final int EIO = 5;

  SeamStall() {
    try {
      NativeLibrary.ensure();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    NativeSeam.reset();
  }

  @Override
  public void hold() {
    for (int operation : OPERATIONS) {
      NativeSeam.hold(operation);
    }
  }

  @Override
  public int held() {
    return NativeSeam.held();
  }

  @Override
  public void release() {
    NativeSeam.reset();
  }

  @Override
  public boolean failNext(Call call, int operations) {
    int operation =
        switch (call) {
          // The last step: what was written before must be cleaned up.
          case STORE -> NativeSeam.RENAME;
          case LOAD -> NativeSeam.OPEN;
          case LOOKUP -> STAT_AT;
          case DELETE -> NativeSeam.UNLINK;
        };
    for (int nthCall = 1; nthCall <= operations; nthCall++) {
      NativeSeam.fail(operation, nthCall, EIO);
    }
    return true;
  }
}
