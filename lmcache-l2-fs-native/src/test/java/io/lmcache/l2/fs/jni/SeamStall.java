// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.testkit.Stall;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Holds the C++ workers in their first system call on a file. */
final class SeamStall implements Stall {

  private static final int[] OPERATIONS = {
    NativeSeam.OPEN, NativeSeam.CREATE, NativeSeam.READ, NativeSeam.WRITE, NativeSeam.UNLINK
  };

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
    NativeSeam.release();
  }
}
