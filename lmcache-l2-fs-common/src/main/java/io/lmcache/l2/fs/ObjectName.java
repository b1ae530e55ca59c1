// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

/**
 * Where an object's file stands, relative to {@code base_path}.
 *
 * @param directory the directory, {@code ""} for {@code base_path} itself, else {@code ab} or
 *     {@code ab/cd}
 * @param file the file's name in it, at most {@link ObjectFileNames#NAME_MAX} bytes of UTF-8
 * @param digest whether the name is a digest, so that the key can be had from the attribute {@link
 *     ObjectAttribute#KEY_NAME} only, which the writer must set
 */
public record ObjectName(String directory, String file, boolean digest) {

  /** The relative path, with {@code /} as the separator. */
  public String path() {
    return directory.isEmpty() ? file : directory + "/" + file;
  }
}
