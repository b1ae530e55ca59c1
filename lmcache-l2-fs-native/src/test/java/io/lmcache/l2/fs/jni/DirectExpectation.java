// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.l2.fs.UseOdirect;
import io.lmcache.l2.fs.jni.DirectCase.Fault;

/**
 * What must come of a case, told from the rules and not from the code.
 *
 * @param store how the store must end
 * @param load how the load must end, if the store ended well
 */
record DirectExpectation(Way store, Way load) {

  private static final int SHORT_BYTES = 512;
  private static final int ENOSPC_AFTER = 4096;

  /** How a transfer ends. */
  enum Way {
    /** Past the page cache. */
    DIRECT,
    /** Through it, as nothing else was asked for or there is nothing to move. */
    BUFFERED,
    /** Through it, and counted: the length allows nothing else. */
    FALLBACK_LENGTH,
    /** Through it, and counted: the file system does nothing else. */
    FALLBACK_FS,
    /** Through it, and counted: the kernel refused the file. */
    FALLBACK_ERRNO,
    /** Not at all: the address, the length or the file does not do with O_DIRECT. */
    REFUSED,
    /** Not at all: the kernel's error. */
    FAILED;

    boolean moves() {
      return this != REFUSED && this != FAILED;
    }
  }

  /**
   * For alignments as the kernel told them.
   *
   * @param memory what addresses must be multiples of
   * @param unit what lengths must be multiples of
   */
  static DirectExpectation of(DirectCase one, int memory, int unit) {
    Way plain = plain(one, memory, unit);
    return new DirectExpectation(store(one, plain, unit), load(one, plain));
  }

  private static Way plain(DirectCase one, int memory, int unit) {
    if (one.mode() == UseOdirect.OFF || one.length() == 0) {
      return Way.BUFFERED;
    }
    if (!one.fileSystem().direct()) {
      return Way.FALLBACK_FS;
    }
    if (one.length() % unit != 0 && one.physical() < roundedUp(one.length(), unit)) {
      return one.mode() == UseOdirect.REQUIRE ? Way.REFUSED : Way.FALLBACK_LENGTH;
    }
    return one.skew() % memory != 0 ? Way.REFUSED : Way.DIRECT;
  }

  private static Way store(DirectCase one, Way plain, int unit) {
    if (plain == Way.REFUSED) {
      return plain;
    }
    int transfer = plain == Way.DIRECT ? roundedUp(one.length(), unit) : one.length();
    return switch (one.fault()) {
      case NONE, EINVAL_AT_READ, EINTR -> plain;
      case EINVAL_AT_OPEN -> refused(one, plain);
      case EINVAL_AT_WRITE -> one.length() == 0 ? plain : refused(one, plain);
      // Past the page cache a write cannot go on in the middle of a unit.
      case SHORT ->
          plain == Way.DIRECT && transfer > SHORT_BYTES && unit > SHORT_BYTES
              ? refused(one, plain)
              : plain;
      case ENOSPC_MID_FILE -> transfer > ENOSPC_AFTER ? Way.FAILED : plain;
      case EDQUOT_AT_CLOSE -> Way.FAILED;
    };
  }

  private static Way load(DirectCase one, Way plain) {
    boolean refusing = one.fault() == Fault.EINVAL_AT_OPEN;
    boolean refusingRead = one.fault() == Fault.EINVAL_AT_READ && one.length() > 0;
    return plain != Way.REFUSED && (refusing || refusingRead) ? refused(one, plain) : plain;
  }

  private static Way refused(DirectCase one, Way plain) {
    if (plain != Way.DIRECT) {
      return Way.FAILED;
    }
    return one.mode() == UseOdirect.REQUIRE ? Way.REFUSED : Way.FALLBACK_ERRNO;
  }

  private static int roundedUp(int length, int unit) {
    return (length + unit - 1) / unit * unit;
  }
}
