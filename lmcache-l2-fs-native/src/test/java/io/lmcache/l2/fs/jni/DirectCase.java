// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.l2.fs.UseOdirect;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;

/**
 * One case of the O_DIRECT matrix: a store, and then a load, of one object.
 *
 * @param length the object's size
 * @param skew how far behind a multiple of 4096 its buffers begin
 * @param padded whether the buffers' owner declared padding, up to the next multiple of 4096 and at
 *     least a byte of it
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
    EXT4_JOURNAL(false),
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

    /** Its type, as the system calls it. */
    String type() {
      return name().toLowerCase(Locale.ROOT).replaceAll("_.*", "");
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

  /** Every case there is, where an adapter opens; the largest objects without faults only. */
  static List<DirectCase> all() {
    List<DirectCase> all = new ArrayList<>();
    for (FileSystem fileSystem : FileSystem.values()) {
      for (UseOdirect mode : UseOdirect.values()) {
        if (opens(fileSystem, mode)) {
          addAll(fileSystem, mode, all);
        }
      }
    }
    return all;
  }

  private static void addAll(FileSystem fileSystem, UseOdirect mode, List<DirectCase> all) {
    for (int length : LENGTHS) {
      for (Fault fault : length == LARGE ? List.of(Fault.NONE) : Arrays.asList(Fault.values())) {
        for (int skew : SKEWS) {
          for (boolean padded : new boolean[] {false, true}) {
            all.add(new DirectCase(fileSystem, mode, length, skew, padded, fault));
          }
        }
      }
    }
  }

  /** So many cases, among which any two values that can come together do come together. */
  static List<DirectCase> some(int count) {
    List<DirectCase> all = all();
    Set<DirectCase> chosen =
        new LinkedHashSet<>(Pairwise.choose(all, DirectCase::values, count, 1));
    Random random = new Random(7);
    while (chosen.size() < count) {
      chosen.add(all.get(random.nextInt(all.size())));
    }
    return List.copyOf(chosen);
  }

  /** Whether an adapter can be opened at all. */
  static boolean opens(FileSystem fileSystem, UseOdirect mode) {
    return mode != UseOdirect.REQUIRE || fileSystem.direct();
  }

  private List<Object> values() {
    return List.of(fileSystem, mode, length, skew, padded, fault);
  }

  /** How much memory the buffers have from their beginning on. */
  int physical() {
    return padded ? (length / PAGE + 1) * PAGE : length;
  }

  /** The same without a fault. */
  DirectCase undisturbed() {
    return new DirectCase(fileSystem, mode, length, skew, padded, Fault.NONE);
  }

  /** The same object in memory that O_DIRECT takes, without a fault. */
  DirectCase fitting() {
    return new DirectCase(fileSystem, mode, length, 0, true, Fault.NONE);
  }
}
