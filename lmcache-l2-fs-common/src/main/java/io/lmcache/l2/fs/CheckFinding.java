// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import java.nio.file.Path;

/**
 * Something that is wrong with a directory.
 *
 * @param reason what is wrong, in words; empty if the kind says it
 * @param removed whether it is gone by now
 */
public record CheckFinding(Path path, CheckKind kind, long bytes, String reason, boolean removed) {

  /** What was not removed. */
  static CheckFinding of(Path path, CheckKind kind, long bytes, String reason) {
    return new CheckFinding(path, kind, bytes, reason, false);
  }

  CheckFinding gone() {
    return new CheckFinding(path, kind, bytes, reason, true);
  }

  CheckFinding stays(String why) {
    String both = reason.isEmpty() ? why : reason + "; " + why;
    return new CheckFinding(path, kind, bytes, both, false);
  }
}
