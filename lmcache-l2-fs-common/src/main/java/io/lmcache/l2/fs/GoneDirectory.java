// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

/** What to do where a directory is gone that was there at open. */
public final class GoneDirectory {

  private GoneDirectory() {}

  /**
   * To be put behind the system's words, of whatever needs the directory to be there.
   *
   * @param errno the name of an error number, such as {@code ENOENT}
   * @return empty for any that does not tell of this
   */
  public static String advice(String errno) {
    return errno.equals("ENOENT")
        ? "; if the directory was removed or replaced while it was in use, close the adapter and"
            + " open it again"
        : "";
  }
}
