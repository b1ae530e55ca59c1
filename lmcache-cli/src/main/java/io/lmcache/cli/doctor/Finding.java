// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.doctor;

/**
 * Something that was asked for and is not so.
 *
 * @param adapter whose it is, such as {@code --l2-adapter #1 (fs_java)}
 * @param subject the setting, or what else it is about, such as {@code open}
 * @param reason what is wrong, in one line
 */
record Finding(String adapter, String subject, String reason) {

  /** One line with all three. */
  String line() {
    return adapter + ": " + subject + ": " + reason;
  }
}
