// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

/** What to do where no more files can be opened, which the system's words leave open. */
public final class OpenFilesLimit {

  private OpenFilesLimit() {}

  /**
   * To be put behind the system's words.
   *
   * @param errno the name of an error number, such as {@code EMFILE}
   * @return empty for any that does not tell of this
   */
  public static String advice(String errno) {
    return switch (errno) {
      case "EMFILE" -> "; raise the limit of open files (ulimit -n), or lower num_workers";
      case "ENFILE" ->
          "; raise the system's limit of open files (fs.file-max), or lower num_workers";
      default -> "";
    };
  }
}
