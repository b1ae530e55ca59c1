// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

import java.util.List;
import java.util.stream.Collectors;

/** A configuration that cannot be used, with everything that is wrong with it. */
public final class L2ConfigException extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient List<Problem> problems;

  /** With one problem. */
  public L2ConfigException(Problem problem) {
    this(List.of(problem));
  }

  /** With all problems; at least one. */
  public L2ConfigException(List<Problem> problems) {
    super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  /** The problems; the message has one line for each. */
  public List<Problem> problems() {
    return problems == null ? List.of() : problems;
  }
}
