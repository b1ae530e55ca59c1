// SPDX-License-Identifier: Apache-2.0
package io.lmcache.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An ext4 in a file, for a build that stands in memory or on an overlay: there nothing goes past
 * the page cache and nothing is cold. It is mounted in a namespace that ends with the program that
 * needs it, and the loop device with it.
 */
final class OwnDisk {

  private static final List<String> NAMESPACE =
      List.of("unshare", "-m", "--propagation", "private", "sh", "-ec");

  /** Directory, then the command, which gets the mount point after its own arguments. */
  private static final String RUN =
      """
      PATH=$PATH:/usr/sbin:/sbin
      cd "$1"
      shift
      truncate -s 128M disk.img
      mkfs.ext4 -q -F disk.img
      mkdir disk
      mount -o loop disk.img disk
      "$@" "$PWD/disk"
      test "$(ls -A disk)" = lost+found
      """;

  private OwnDisk() {}

  /**
   * Whether there can be one, by trying: who is root and finds a loop device may still be refused
   * the mount.
   */
  static boolean isPossible(Path directory) {
    try {
      run(directory, List.of("true"));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Runs a command with the mount point as its last argument.
   *
   * @param directory holds nothing before and after
   * @return what it printed
   * @throws IOException if it fails, or leaves a file on the disk
   */
  static List<String> run(Path directory, List<String> command) throws IOException {
    List<String> whole = new ArrayList<>(NAMESPACE);
    whole.addAll(List.of(RUN, "sh", directory.toString()));
    whole.addAll(command);
    try {
      return Programs.run(whole);
    } finally {
      Files.deleteIfExists(directory.resolve("disk.img"));
      Files.deleteIfExists(directory.resolve("disk"));
    }
  }
}
