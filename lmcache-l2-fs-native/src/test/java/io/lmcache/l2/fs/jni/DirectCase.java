// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.l2.fs.UseOdirect;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One case of the O_DIRECT matrix: a store, and then a load, of one object.
 *
 * @param length the object's size
 * @param skew how far behind a multiple of 4096 its buffers begin
 * @param padded whether the buffers' owner declared padding up to a multiple of 4096
 * @param fault what goes wrong in the kernel
 */
record DirectCase(
    FileSystem fileSystem, UseOdirect mode, int length, int skew, boolean padded, Fault fault) {

  static final int LARGE = 33_554_432;
  static final List<Integer> LENGTHS =
      List.of(0, 1, 511, 512, 513, 4095, 4096, 4097, 3_942_656, LARGE);
  static final List<Integer> SKEWS = List.of(0, 1, 64, 512);
  static final int PAGE = 4096;

  /** The file systems; the names are those of the mount points. */
  enum FileSystem {
    EXT4_512(true),
    EXT4_4096(true),
    XFS(true),
    TMPFS(false),
    OVERLAY(false),
    RAMFS(false);

    private final boolean direct;

    FileSystem(boolean direct) {
      this.direct = direct;
    }

    /** Whether O_DIRECT is effective there. */
    boolean direct() {
      return direct;
    }
  }

  /** What the kernel is made to answer, once. */
  enum Fault {
    NONE,
    EINVAL_AT_OPEN,
    EINVAL_AT_WRITE,
    EINVAL_AT_READ,
    SHORT,
    EINTR,
    ENOSPC_MID_FILE,
    EDQUOT_AT_CLOSE
  }

  /** Every case there is; the largest objects without faults only. */
  static List<DirectCase> all() {
    List<DirectCase> all = new ArrayList<>();
    for (FileSystem fileSystem : FileSystem.values()) {
      for (UseOdirect mode : UseOdirect.values()) {
        for (int length : LENGTHS) {
          for (Fault fault :
              length == LARGE ? List.of(Fault.NONE) : Arrays.asList(Fault.values())) {
            for (int skew : SKEWS) {
              for (boolean padded : new boolean[] {false, true}) {
                all.add(new DirectCase(fileSystem, mode, length, skew, padded, fault));
              }
            }
          }
        }
      }
    }
    return all;
  }

  /** The values of all dimensions, in a fixed order. */
  List<Object> values() {
    return List.of(fileSystem, mode, length, skew, padded, fault);
  }

  /** Whether the adapter can be opened at all. */
  boolean opens() {
    return mode != UseOdirect.REQUIRE || fileSystem.direct();
  }

  /** How much memory the buffers have from their beginning on. */
  int physical() {
    return padded ? (length + PAGE - 1) / PAGE * PAGE : length;
  }
}
