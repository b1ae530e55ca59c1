// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.l2.fs.Effect;
import io.lmcache.l2.fs.ObjectDirectory;
import io.lmcache.l2.fs.OpenFilesLimit;
import io.lmcache.l2.fs.UseOdirect;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Puts into words what was found out about direct I/O in a directory. Immutable. */
final class DirectReport {

  private static final String BUFFERED = "; files are read and written through the page cache";

  private final ObjectDirectory directory;
  private final UseOdirect wanted;
  private final boolean refused;

  /**
   * For one adapter.
   *
   * @param refused whether this is an examination of an adapter that would not open, since direct
   *     I/O is required and not there
   */
  DirectReport(ObjectDirectory directory, UseOdirect wanted, boolean refused) {
    this.directory = directory;
    this.wanted = wanted;
    this.refused = refused;
  }

  /** Why the adapter was not opened. */
  String refusal(NativeOpening found) {
    if (found.reason() == NativeOpening.Reason.FAILED) {
      return "it cannot be found out whether O_DIRECT is effective on "
          + place()
          + ": "
          + NativeErrors.named(found.reasonErrno())
          + OpenFilesLimit.advice(found.why())
          + "; mend that, or set \"use_odirect\": false";
    }
    return "\"use_odirect\": \"require\", but "
        + (found.effective()
            ? "O_DIRECT is not proven to be effective on "
                + place()
                + ": "
                + why(found)
                + ", and the kernel does not say (STATX_DIOALIGN); "
                + (found.reason() == NativeOpening.Reason.NO_SPACE ? "make room, or " : "")
                + "set \"use_odirect\": true"
            : notEffective(found));
  }

  /** What is to be said once about an adapter that was opened; null for nothing. */
  @Nullable String warning(NativeOpening found) {
    if (wanted == UseOdirect.OFF || found.reason() == NativeOpening.Reason.EFFECTIVE) {
      return null;
    }
    return found.effective()
        ? "O_DIRECT is taken to be effective on " + place() + ", " + found.why()
        : notEffective(found) + (wanted == UseOdirect.ON ? BUFFERED : "");
  }

  /** What is to be said once where nothing is to be warned of; null for nothing. */
  @Nullable String confirmation(NativeOpening found) {
    return wanted == UseOdirect.OFF || found.reason() != NativeOpening.Reason.EFFECTIVE
        ? null
        : "O_DIRECT is effective on " + place() + "; " + alignment(found);
  }

  /** Why a key fails whose adapter was opened. */
  String failure(NativeOpening found) {
    return notEffective(found) + "; \"use_odirect\": \"require\" allows nothing else";
  }

  private String notEffective(NativeOpening found) {
    return "O_DIRECT is not effective on " + place() + ": " + found.why();
  }

  private String place() {
    return directory.fileSystem() + " at " + directory.staging();
  }

  private static String why(NativeOpening found) {
    return switch (found.reason()) {
      case NO_SPACE -> NativeErrors.named(found.reasonErrno());
      default -> found.why();
    };
  }

  /** For status. */
  void addTo(Map<String, String> details, NativeOpening found) {
    String requested = wanted.requested();
    if (wanted == UseOdirect.OFF) {
      details.put("odirect", "requested=" + requested);
      return;
    }
    String why =
        found.why() + " on " + directory.fileSystem() + (refused ? "; it does not open" : "");
    details.put(
        "odirect",
        found.reason() == NativeOpening.Reason.EFFECTIVE
            ? Effect.effective(requested)
            : found.effective() && !refused
                ? Effect.unproven(requested, found.why())
                : Effect.ineffective(requested, why));
    details.put("direct_alignment", alignment(found));
  }

  private static String alignment(NativeOpening found) {
    return "memory="
        + found.memoryAlignment()
        + " length="
        + found.lengthAlignment()
        + " block_size="
        + found.blockSize();
  }
}
