// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which file a path leads to at one moment, and in which state: two equal identities are the same
 * file, unchanged in between.
 *
 * <p>Java reads a file's attributes by path, not through the open file. Only an identity taken
 * before and one taken after tell that all of it was of one file, and not of two that were renamed
 * into the same place.
 *
 * @param device the device, or a stand-in where the system has none
 * @param inode the file's number there
 * @param changed when its bytes, its name or its attributes last changed
 * @param sizeBytes its length
 * @param isRegular whether it is a file, and not a directory, a link or a device
 */
public record FileIdentity(
    Object device, Object inode, Object changed, long sizeBytes, boolean isRegular) {

  /**
   * What is at a path; null if nothing is.
   *
   * @param unix whether the system knows inodes; otherwise its file key and the time of the last
   *     modification have to do
   */
  public static @Nullable FileIdentity of(Path path, boolean unix) throws IOException {
    try {
      return unix ? ofUnix(path) : ofBasic(path);
    } catch (IOException e) {
      if (Errno.isAbsence(e)) {
        return null;
      }
      throw e;
    }
  }

  private static FileIdentity ofUnix(Path path) throws IOException {
    Map<String, Object> found =
        Files.readAttributes(
            path, "unix:dev,ino,ctime,size,isRegularFile", LinkOption.NOFOLLOW_LINKS);
    return new FileIdentity(
        value(found, "dev"),
        value(found, "ino"),
        value(found, "ctime"),
        (Long) value(found, "size"),
        (Boolean) value(found, "isRegularFile"));
  }

  private static FileIdentity ofBasic(Path path) throws IOException {
    BasicFileAttributes found =
        Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    Object key = found.fileKey() == null ? path : found.fileKey();
    return new FileIdentity("", key, found.lastModifiedTime(), found.size(), found.isRegularFile());
  }

  private static Object value(Map<String, Object> found, String name) {
    return Objects.requireNonNull(found.get(name), name);
  }

  /** Whether it is the same file, changed or not. */
  public boolean isSameFile(@Nullable FileIdentity other) {
    return other != null && device.equals(other.device) && inode.equals(other.inode);
  }
}
