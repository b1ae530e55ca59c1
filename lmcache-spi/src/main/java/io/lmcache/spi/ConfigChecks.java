// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

/**
 * A configuration record implements this to check what one field's annotation cannot say: forms of
 * a text, fields that need or exclude each other.
 *
 * <p>It is also asked where fields are missing, of a wrong type or out of range, so that all
 * problems of an object are reported together. Such a field then has its default, or null where it
 * has none, and what is found of it or of the object as a whole is not reported, nor that the check
 * failed. So a check of several fields names the one that is to be changed.
 */
public interface ConfigChecks {

  /** Adds to {@code problems} whatever is wrong. Does no I/O. */
  void validate(Problems problems);

  /**
   * The same, with the fields that are common to all adapters, for the record that describes an
   * adapter and depends on those. For a record inside it the other one is called, and for this
   * record only this one: what replaces it calls the other one itself.
   */
  default void validate(CommonConfig common, Problems problems) {
    validate(problems);
  }
}
