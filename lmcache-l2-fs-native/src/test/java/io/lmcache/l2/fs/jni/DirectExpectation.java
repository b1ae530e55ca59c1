// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.l2.fs.UseOdirect;
import io.lmcache.l2.fs.jni.DirectCase.Fault;
import java.util.ArrayList;
import java.util.List;

/**
 * What must come of a case, told from the rules and not from the code.
 *
 * @param plain how it would end without a fault
 */
record DirectExpectation(Way plain, Step store, Step load) {

  private static final String DIRECT_OPEN = " direct";
  private static final String PLAIN_OPEN = "";

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
    /** Not at all: the address does not do with O_DIRECT. */
    REFUSED_ADDRESS,
    /** Not at all: the length does not, and nothing else is allowed. */
    REFUSED_LENGTH,
    /** Not at all: the kernel refused the file, and nothing else is allowed. */
    REFUSED_ERRNO,
    /** Not at all: the kernel's error. */
    FAILED;

    boolean moves() {
      return compareTo(REFUSED_ADDRESS) < 0;
    }
  }

  /**
   * A store or a load.
   *
   * @param fired how many faults come up and make a difference
   * @param opens how its file is opened, one time after the other
   */
  record Step(Way way, int fired, List<String> opens) {}

  /**
   * For alignments as the kernel told them.
   *
   * @param memory what addresses must be multiples of
   * @param unit what lengths must be multiples of
   */
  static DirectExpectation of(DirectCase one, int memory, int unit) {
    Way plain = plain(one, memory, unit);
    return new DirectExpectation(plain, store(one, plain, unit), load(one, plain));
  }

  /** Why a fault that was planned never comes. */
  String whyNoFault(DirectCase one) {
    return one.length() == 0 ? "NOTHING_MOVES" : plain.moves() ? "TOO_SHORT" : "REFUSED_BEFORE";
  }

  /** Objects that are whole units leave no page in the page cache, others the one they end in. */
  static int residentPages(DirectCase one, int unit) {
    return one.length() % unit == 0 ? 0 : 1;
  }

  /** Where the bytes that are moved end; negative if that depends on the fault. */
  static int end(DirectCase one, Way way, int unit) {
    return switch (way) {
      case DIRECT -> roundedUp(one.length(), unit);
      case BUFFERED, FALLBACK_LENGTH, FALLBACK_FS -> one.length();
      case REFUSED_ADDRESS, REFUSED_LENGTH -> 0;
      case FALLBACK_ERRNO, REFUSED_ERRNO, FAILED -> -1;
    };
  }

  private static Way plain(DirectCase one, int memory, int unit) {
    if (one.mode() == UseOdirect.OFF || one.length() == 0) {
      return Way.BUFFERED;
    }
    if (!one.fileSystem().direct()) {
      return Way.FALLBACK_FS;
    }
    // The length comes first: what is buffered anyway may have any address.
    if (one.physical() < roundedUp(one.length(), unit)) {
      return one.mode() == UseOdirect.REQUIRE ? Way.REFUSED_LENGTH : Way.FALLBACK_LENGTH;
    }
    return one.skew() % memory != 0 ? Way.REFUSED_ADDRESS : Way.DIRECT;
  }

  private static Step store(DirectCase one, Way plain, int unit) {
    if (!plain.moves()) {
      return new Step(plain, 0, List.of());
    }
    int transfer = plain == Way.DIRECT ? roundedUp(one.length(), unit) : one.length();
    boolean comes =
        switch (one.fault()) {
          case NONE, EINVAL_AT_READ -> false;
          case EINVAL_AT_OPEN, EDQUOT_AT_CLOSE -> true;
          case EINVAL_AT_WRITE, EINTR -> transfer > 0;
          case SHORT -> transfer > DirectFaults.SHORT_BYTES;
          case ENOSPC_MID_FILE -> transfer > DirectFaults.BYTES_BEFORE_ENOSPC;
        };
    if (!comes) {
      return new Step(plain, 0, opens(plain, plain));
    }
    Way way =
        switch (one.fault()) {
          case NONE, EINVAL_AT_READ, EINTR -> plain;
          case EINVAL_AT_OPEN, EINVAL_AT_WRITE -> refused(one, plain);
          // Past the page cache a write cannot go on in the middle of a unit.
          case SHORT ->
              plain == Way.DIRECT && unit > DirectFaults.SHORT_BYTES ? refused(one, plain) : plain;
          case ENOSPC_MID_FILE, EDQUOT_AT_CLOSE -> Way.FAILED;
        };
    return new Step(way, one.fault() == Fault.ENOSPC_MID_FILE ? 2 : 1, opens(plain, way));
  }

  private static Step load(DirectCase one, Way plain) {
    boolean moves = plain.moves() && one.length() > 0;
    return switch (one.fault()) {
      case NONE, EINVAL_AT_WRITE, ENOSPC_MID_FILE, EDQUOT_AT_CLOSE ->
          new Step(plain, 0, opens(plain, plain));
      case EINTR -> new Step(plain, moves ? 1 : 0, opens(plain, plain));
      case SHORT ->
          new Step(
              plain, moves && one.length() > DirectFaults.SHORT_BYTES ? 1 : 0, opens(plain, plain));
      case EINVAL_AT_READ -> {
        Way way = moves ? refused(one, plain) : plain;
        yield new Step(way, moves ? 1 : 0, opens(plain, way));
      }
      // The file is looked at whatever becomes of the key: one that is not there is NOT_FOUND.
      case EINVAL_AT_OPEN ->
          new Step(
              refused(one, plain),
              1,
              opens(plain, plain == Way.DIRECT ? Way.FALLBACK_ERRNO : Way.FAILED));
    };
  }

  private static Way refused(DirectCase one, Way plain) {
    if (plain != Way.DIRECT) {
      return Way.FAILED;
    }
    return one.mode() == UseOdirect.REQUIRE ? Way.REFUSED_ERRNO : Way.FALLBACK_ERRNO;
  }

  private static List<String> opens(Way plain, Way way) {
    List<String> opens = new ArrayList<>();
    opens.add(plain == Way.DIRECT ? DIRECT_OPEN : PLAIN_OPEN);
    if (way == Way.FALLBACK_ERRNO) {
      opens.add(PLAIN_OPEN);
    }
    return opens;
  }

  private static int roundedUp(int length, int unit) {
    return (length + unit - 1) / unit * unit;
  }
}
