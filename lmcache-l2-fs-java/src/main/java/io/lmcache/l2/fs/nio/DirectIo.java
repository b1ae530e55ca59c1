// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import com.sun.nio.file.ExtendedOpenOption;
import io.lmcache.adapter.StorageException;
import io.lmcache.l2.fs.Effect;
import io.lmcache.l2.fs.Errno;
import io.lmcache.l2.fs.UseOdirect;
import io.lmcache.l2.fs.nio.Counters.Count;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.Retry;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides for each operation whether it goes past the page cache, and counts what could not.
 *
 * <p>The length is looked at first: an operation that is buffered anyway may have any address. A
 * length that is no multiple of the unit is fine if the owner of the buffer declared enough padding
 * behind it. A misaligned address is an error and not a reason to fall back: else a benchmark would
 * measure the page cache without knowing.
 *
 * <p>Safe for use by many threads.
 */
final class DirectIo {

  private static final Logger log = LoggerFactory.getLogger(DirectIo.class);
  private static final Set<String> REFUSALS = Set.of("EINVAL", "EOPNOTSUPP", "EPERM");

  private final UseOdirect wanted;

  /** Whether only an examination opened it, since it is required and does not work. */
  private final boolean refused;

  private final StagingNames names;
  private final FileCalls calls;
  private final Counters counters;
  private final String adapter;
  private final int unit;
  private final Set<Way> logged = EnumSet.noneOf(Way.class);
  private final Lock settling = new ReentrantLock();

  /** Settled later if there was no room to find out; the unit stays, for callers have been told. */
  private volatile DirectProbe.Result probe;

  private DirectIo(
      UseOdirect wanted,
      boolean refused,
      DirectProbe.Result probe,
      StagingNames names,
      FileCalls calls,
      Counters counters,
      String adapter) {
    this.wanted = wanted;
    this.refused = refused;
    this.probe = probe;
    this.unit = probe.unit();
    this.names = names;
    this.calls = calls;
    this.counters = counters;
    this.adapter = adapter;
  }

  /**
   * Finds out whether it works where files are staged.
   *
   * @param names of files that nobody else uses; nothing is left there
   * @param adapter what log messages call the adapter
   * @param examination whether it is only looked at: then it is told of, and no failure, that what
   *     is required does not work
   * @throws IOException if that cannot be found out, other than for want of room; or if it is
   *     required and does not work, or is not proven to
   */
  static DirectIo open(
      UseOdirect wanted,
      StagingNames names,
      FileCalls calls,
      Counters counters,
      String adapter,
      boolean examination)
      throws IOException {
    if (wanted == UseOdirect.OFF) {
      DirectProbe.Result off = DirectProbe.Result.failed("off", "");
      return new DirectIo(wanted, false, off, names, calls, counters, adapter);
    }
    DirectProbe.Result probe = find(names, calls);
    boolean refused = !probe.proven() && wanted == UseOdirect.REQUIRE;
    DirectIo direct = new DirectIo(wanted, refused, probe, names, calls, counters, adapter);
    if (refused) {
      if (!examination) {
        throw new IOException(
            "\"use_odirect\": \"require\", but " + direct.words() + remedy(probe));
      }
    } else if (!probe.proven()) {
      direct.warn();
    }
    return direct;
  }

  private static String remedy(DirectProbe.Result probe) {
    if (!probe.works()) {
      return "";
    }
    String first =
        probe.again() ? "make room" : "use \"type\": \"fs_native\", which asks the kernel";
    return "; " + first + ", or set \"use_odirect\": true";
  }

  private static DirectProbe.Result find(StagingNames names, FileCalls calls) throws IOException {
    try {
      return DirectProbe.probe(names, calls);
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) {
      throw new IOException(
          "it cannot be found out whether O_DIRECT works at "
              + names.directory()
              + ": "
              + FileErrors.reason(e)
              + "; mend that, or set \"use_odirect\": false",
          e);
    }
  }

  /** Where there was no room to find out, it is tried again; by one worker, and no one waits. */
  void settle() {
    if (!probe.again() || !settling.tryLock()) {
      return;
    }
    try {
      if (probe.again()) {
        probe = find(names, calls);
        if (!probe.works()) {
          warn();
        }
      }
    } catch (IOException e) {
      log.debug("{}: that says nothing about O_DIRECT", adapter, e);
    } finally {
      settling.unlock();
    }
  }

  private String words() {
    return "O_DIRECT "
        + (probe.unproven() ? "is not proven to work" : "does not work")
        + " on "
        + probe.fileSystem()
        + " at "
        + names.directory()
        + ": "
        + probe.reason();
  }

  private void warn() {
    log.warn(
        "{}: {}; files are read and written {}",
        adapter,
        words(),
        probe.works() ? "with it all the same" : "through the page cache");
  }

  /** Whether files are read and written past the page cache where lengths allow it. */
  boolean effective() {
    return wanted != UseOdirect.OFF && probe.works();
  }

  /** What addresses and lengths should be multiples of; 1 for no wish. */
  int unit() {
    return effective() ? unit : 1;
  }

  /** One line for an operator. */
  String line() {
    if (wanted == UseOdirect.OFF) {
      return "requested=false";
    }
    String requested = wanted.requested();
    DirectProbe.Result known = probe;
    if (refused) {
      return Effect.ineffective(requested, known.reason() + "; it does not open");
    }
    if (!known.works()) {
      return Effect.ineffective(requested, known.reason());
    }
    String effective = Effect.effective(requested) + " unit=" + unit;
    if (!known.unproven()) {
      return effective;
    }
    String reason = known.reason();
    return effective
        + " reason="
        + (known.again() ? Effect.unprovenWithoutRoom(reason) : "unproven: " + reason);
  }

  /** How much is transferred for an object: its length, rounded up. */
  int transferBytes(MemoryObject object) {
    return Math.toIntExact(roundedUp(object.sizeBytes()));
  }

  private long roundedUp(long bytes) {
    return (bytes + unit - 1) & -(long) unit;
  }

  /** Which way an object goes. */
  enum Way {
    /** Through the page cache, as it should. */
    USUAL,
    /** Past it. */
    DIRECT,
    /** Through it for want of a length that suits. */
    FALLBACK_LENGTH,
    /** Through it, since the file system does not do it. */
    FALLBACK_FS,
    /** Through it, since the file was refused. */
    FALLBACK_ERRNO;

    boolean pastCache() {
      return this == DIRECT;
    }
  }

  /**
   * Which way this object is to go.
   *
   * @throws StorageException if its address does not allow it, or if it must and its length does
   *     not allow it
   */
  Way way(MemoryObject object, String operation, Path path) throws StorageException {
    if (wanted == UseOdirect.OFF || object.sizeBytes() == 0) {
      return Way.USUAL;
    }
    if (!probe.works()) {
      return Way.FALLBACK_FS;
    }
    if (roundedUp(object.sizeBytes()) > object.physicalBytes()) {
      return fallBack(
          Way.FALLBACK_LENGTH,
          operation + " " + path,
          object
              + " is no multiple of "
              + unit
              + " and has no padding up to one, which O_DIRECT needs");
    }
    int past = object.physical().alignmentOffset(0, unit);
    if (past != 0) {
      throw misaligned(
          operation
              + " "
              + path
              + ": the O_DIRECT buffer address is not aligned to "
              + unit
              + " bytes, but "
              + past
              + " past a multiple; raise --l1-align-bytes");
    }
    return Way.DIRECT;
  }

  /** Counts the way of an object that was stored. */
  void stored(Way way) {
    count(way, Count.DIRECT_STORES);
  }

  /** Counts the way of an object that was loaded. */
  void loaded(Way way) {
    count(way, Count.DIRECT_LOADS);
  }

  private void count(Way way, Count direct) {
    switch (way) {
      case USUAL -> {}
      case DIRECT -> counters.add(direct);
      case FALLBACK_LENGTH -> counters.add(Count.ODIRECT_FALLBACK_LENGTH);
      case FALLBACK_FS -> counters.add(Count.ODIRECT_FALLBACK_FS);
      case FALLBACK_ERRNO -> counters.add(Count.ODIRECT_FALLBACK_ERRNO);
    }
  }

  private static StorageException misaligned(String text) {
    return new StorageException(new L2Error(L2ErrorCode.MISALIGNED, Retry.NEVER, "EINVAL", text));
  }

  /** Whether a file system that took the probe says with this that it does not take the file. */
  static boolean isRefusal(IOException failure) {
    if (failure instanceof StorageException) {
      return false;
    }
    String words = String.valueOf(failure.getMessage());
    // Java itself checks against the block size of the file at hand, which may be another one.
    return REFUSALS.contains(Errno.of(failure)) || words.contains("multiple of the block size");
  }

  /**
   * One file was refused; says which way it goes then.
   *
   * @throws StorageException if it may not go through the page cache
   */
  Way refused(String operation, Path path, IOException failure) throws StorageException {
    return fallBack(Way.FALLBACK_ERRNO, operation + " " + path, failure.getMessage() + "");
  }

  private Way fallBack(Way way, String what, String why) throws StorageException {
    if (wanted == UseOdirect.REQUIRE) {
      throw misaligned(what + ": " + why + "; \"use_odirect\": \"require\" allows nothing else");
    }
    boolean first;
    synchronized (logged) {
      first = logged.add(way);
    }
    if (first) {
      log.warn("{}: {}: not direct, and neither will be others like it: {}", adapter, what, why);
    }
    return way;
  }

  /** The options of a file that is opened so. */
  static Set<OpenOption> direct(Set<? extends OpenOption> options) {
    Set<OpenOption> all = new HashSet<>(options);
    all.add(ExtendedOpenOption.DIRECT);
    return all;
  }
}
