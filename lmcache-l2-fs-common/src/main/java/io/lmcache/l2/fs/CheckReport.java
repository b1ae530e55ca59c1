// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What a check has found. Immutable.
 *
 * @param repaired whether what can be removed was to be removed
 * @param complete whether all of the directory was looked at
 * @param tallies how much there is of each kind, and of all kinds
 * @param findings what is wrong, by kind and path; as many as were asked for
 * @param problems how much is wrong, also what is not among the findings
 * @param left how much of it is still there
 * @param gone what others removed while it was looked at
 * @param bytesRead of payloads
 */
public record CheckReport(
    Place place,
    boolean repaired,
    boolean complete,
    Map<CheckKind, Tally> tallies,
    List<CheckFinding> findings,
    long problems,
    long left,
    long gone,
    long bytesRead) {

  /**
   * The directory.
   *
   * @param directory absolute
   * @param fileSystem its type, such as {@code ext4}
   * @param formatFile whether it says by which format it was written; upstream's do not
   * @param hashSubdirLevels how deep its sub-directories are
   * @param attributes whether files can have attributes; without them there are no checksums
   * @param users who has it open, a line for each of those that say who they are
   * @param living how many have it open
   */
  public record Place(
      Path directory,
      String fileSystem,
      boolean formatFile,
      int hashSubdirLevels,
      boolean attributes,
      List<String> users,
      int living) {

    /** Copies. */
    public Place {
      users = List.copyOf(users);
    }
  }

  /**
   * How much there is of something.
   *
   * @param bytes their lengths; 0 where nobody asks for these
   * @param removed how many of the files are gone by now
   */
  public record Tally(long files, long bytes, long removed) {

    Tally plus(Tally other) {
      return new Tally(files + other.files, bytes + other.bytes, removed + other.removed);
    }
  }

  /** Copies. */
  public CheckReport {
    tallies = Map.copyOf(new EnumMap<>(tallies));
    findings = List.copyOf(findings);
  }

  /** How much there is of a kind. */
  public Tally of(CheckKind kind) {
    return Objects.requireNonNull(tallies.get(kind));
  }

  /** What loads may serve. */
  public Tally objects() {
    Tally sum = new Tally(0, 0, 0);
    for (CheckKind kind : CheckKind.values()) {
      if (kind.isObject()) {
        sum = sum.plus(of(kind));
      }
    }
    return sum;
  }

  /** Whether all was looked at, and nothing is wrong, or no longer. */
  public boolean isClean() {
    return complete && left == 0;
  }
}
