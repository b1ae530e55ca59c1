// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

/**
 * One thing that is wrong with a configuration.
 *
 * @param where the object it is in, such as {@code --l2-adapter #2 (fs_native)}
 * @param field the field's path inside that object, such as {@code eviction.trigger_watermark};
 *     empty if the object as a whole is wrong
 * @param message what is wrong and what would be right
 */
public record Problem(String where, String field, String message) {

  /** One line with all three. */
  @Override
  public String toString() {
    return where + ": " + (field.isEmpty() ? "" : field + " ") + message;
  }
}
