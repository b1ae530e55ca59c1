// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli;

import java.util.List;

/** A command line that cannot be used, with everything that is wrong with it. */
public final class UsageException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient List<String> problems;

  /** With one problem. */
  public UsageException(String problem) {
    this(List.of(problem));
  }

  /** With all problems, each of them one line. */
  public UsageException(List<String> problems) {
    super(String.join("\n", problems));
    this.problems = List.copyOf(problems);
  }

  /** The problems, one line each. */
  public List<String> problems() {
    return problems == null ? List.of() : problems;
  }
}
