// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

import java.util.ArrayList;
import java.util.List;

/**
 * Collects what is wrong with one configuration object, so that all of it is reported together. For
 * one thread.
 */
public final class Problems {

  private final String where;
  private final List<Problem> found = new ArrayList<>();

  /** For the object that error messages call {@code where}. */
  public Problems(String where) {
    this.where = where;
  }

  /**
   * Adds a problem.
   *
   * @param field the field's path; empty for the object as a whole
   * @param message what is wrong and what would be right, such as {@code must be > 0, got 0}
   */
  public void add(String field, String message) {
    found.add(new Problem(where, field, message));
  }

  /** Adds the problems of another object, as they are. */
  public void addAll(List<Problem> problems) {
    found.addAll(problems);
  }

  /** What was found so far, in order. */
  public List<Problem> found() {
    return List.copyOf(found);
  }

  /** Whether nothing was found. */
  public boolean isEmpty() {
    return found.isEmpty();
  }

  /**
   * Ends the collection.
   *
   * @throws L2ConfigException with everything found, if anything was
   */
  public void throwIfAny() throws L2ConfigException {
    if (!found.isEmpty()) {
      throw new L2ConfigException(found);
    }
  }
}
