// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

/**
 * A configuration record implements this to check what one field's annotation cannot say: forms of
 * a text, fields that need or exclude each other. It is called once all fields are bound and in
 * range.
 */
public interface ConfigChecks {

  /** Adds to {@code problems} whatever is wrong. Does no I/O. */
  void validate(Problems problems);
}
