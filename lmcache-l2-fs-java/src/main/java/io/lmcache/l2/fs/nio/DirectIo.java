// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import com.sun.nio.file.ExtendedOpenOption;
import io.lmcache.adapter.StorageException;
import io.lmcache.l2.fs.UseOdirect;
import io.lmcache.l2.fs.nio.Counters.Count;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.Retry;
import java.io.IOException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;
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
  private final DirectProbe.Result probe;
  private final Counters counters;
  private final String adapter;
  private final Set<Count> logged = EnumSet.noneOf(Count.class);

  private DirectIo(UseOdirect wanted, DirectProbe.Result probe, Counters counters, String adapter) {
    this.wanted = wanted;
    this.probe = probe;
    this.counters = counters;
    this.adapter = adapter;
  }

  /**
   * Finds out whether it works where files are staged.
   *
   * @param probeFile a path that nobody else uses; nothing is left there
   * @param adapter what log messages call the adapter
   * @throws IOException if it is required and does not work
   */
  static DirectIo open(
      UseOdirect wanted, Path probeFile, FileCalls calls, Counters counters, String adapter)
      throws IOException {
    if (wanted == UseOdirect.OFF) {
      return new DirectIo(wanted, DirectProbe.Result.failed("off", ""), counters, adapter);
    }
    DirectProbe.Result probe = DirectProbe.probe(probeFile, calls);
    if (!probe.works()) {
      String what =
          "O_DIRECT does not work on "
              + probe.fileSystem()
              + " at "
              + probeFile.getParent()
              + ": "
              + probe.reason();
      if (wanted == UseOdirect.REQUIRE) {
        throw new IOException("\"use_odirect\": \"require\", but " + what);
      }
      log.warn("{}: {}; files are read and written through the page cache", adapter, what);
    }
    return new DirectIo(wanted, probe, counters, adapter);
  }

  /** Whether files are read and written past the page cache where lengths allow it. */
  boolean effective() {
    return wanted != UseOdirect.OFF && probe.works();
  }

  /** What addresses and lengths should be multiples of; 1 for no wish. */
  int unit() {
    return effective() ? probe.unit() : 1;
  }

  /** One line for an operator. */
  String line() {
    if (wanted == UseOdirect.OFF) {
      return "requested=false";
    }
    String requested = wanted == UseOdirect.REQUIRE ? "requested=require" : "requested=true";
    return probe.works()
        ? requested + " effective=true unit=" + probe.unit()
        : requested + " effective=false reason=" + probe.reason();
  }

  /** How much is transferred for an object: its length, rounded up. */
  int transferBytes(MemoryObject object) {
    return Math.toIntExact(roundedUp(object.sizeBytes()));
  }

  private long roundedUp(long bytes) {
    return (bytes + probe.unit() - 1) & -(long) probe.unit();
  }

  /**
   * Whether this object goes past the page cache.
   *
   * @throws StorageException if its address does not allow it, or if it must and its length does
   *     not allow it
   */
  boolean allows(MemoryObject object, String operation, Path path) throws StorageException {
    if (wanted == UseOdirect.OFF || object.sizeBytes() == 0) {
      return false;
    }
    if (!probe.works()) {
      counters.add(Count.ODIRECT_FALLBACK_FS);
      return false;
    }
    if (roundedUp(object.sizeBytes()) > object.physicalBytes()) {
      fallBack(
          Count.ODIRECT_FALLBACK_LENGTH,
          operation + " " + path,
          object
              + " is no multiple of "
              + probe.unit()
              + " and has no padding up to one, which O_DIRECT needs");
      return false;
    }
    int past = object.physical().alignmentOffset(0, probe.unit());
    if (past != 0) {
      throw misaligned(
          operation
              + " "
              + path
              + ": the O_DIRECT buffer address is not aligned to "
              + probe.unit()
              + " bytes, but "
              + past
              + " past a multiple; raise --l1-align-bytes");
    }
    return true;
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
    return REFUSALS.contains(FileErrors.errno(failure))
        || words.contains("multiple of the block size");
  }

  /**
   * One file was refused.
   *
   * @throws StorageException if it may not go through the page cache
   */
  void refused(String operation, Path path, IOException failure) throws StorageException {
    fallBack(Count.ODIRECT_FALLBACK_ERRNO, operation + " " + path, failure.getMessage() + "");
  }

  private void fallBack(Count reason, String what, String why) throws StorageException {
    if (wanted == UseOdirect.REQUIRE) {
      throw misaligned(what + ": " + why + "; \"use_odirect\": \"require\" allows nothing else");
    }
    counters.add(reason);
    boolean first;
    synchronized (logged) {
      first = logged.add(reason);
    }
    if (first) {
      log.warn("{}: {}: not direct, and neither will be others like it: {}", adapter, what, why);
    }
  }

  /** The options of a file that is opened so. */
  static Set<OpenOption> direct(Set<? extends OpenOption> options) {
    Set<OpenOption> all = new HashSet<>(options);
    all.add(ExtendedOpenOption.DIRECT);
    return all;
  }
}
