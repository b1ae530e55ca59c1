// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Runs commands on a file system of their own, mounted in a namespace that ends with the process; a
 * loop device goes with its mount.
 */
public final class Mounted {

  private static final List<String> NAMESPACE =
      List.of("unshare", "-m", "--propagation", "private");

  /** What is left there is listed, unless it was there before. */
  private static final String RUN =
      """
      cd "$PLACE"
      %s
      status=0
      "$@" || status=$?
      find "$PLACE" -mindepth 1 ! -name lost+found >"$PLACE.left"
      exit $status
      """;

  /** What can be mounted. */
  public enum FileSystem {
    /** On a disk with sectors of 512 bytes. */
    EXT4_512(ext4(512)),
    /** On a disk with sectors of 4096 bytes. */
    EXT4_4096(ext4(4096)),
    /** On a disk as it comes. */
    XFS(
        """
        truncate -s 400M "$PLACE.img"
        mkfs.xfs -q "$PLACE.img"
        mount -o loop "$PLACE.img" .
        """),
    /** In memory; takes O_DIRECT and caches all the same. */
    TMPFS("mount -t tmpfs -o size=64m none ."),
    /** Over memory, with the same. */
    OVERLAY(
        """
        mkdir "$PLACE.under"
        mount -t tmpfs -o size=64m none "$PLACE.under"
        mkdir "$PLACE.under/lower" "$PLACE.under/upper" "$PLACE.under/work"
        mount -t overlay none . \
          -o "lowerdir=$PLACE.under/lower,upperdir=$PLACE.under/upper,workdir=$PLACE.under/work"
        """),
    /** In memory; refuses O_DIRECT and has no attributes. */
    RAMFS("mount -t ramfs none ."),
    /** The directory as it is, but nothing can be written. */
    READ_ONLY("mount --bind . . && mount -o remount,bind,ro .");

    private final String mount;

    FileSystem(String mount) {
      this.mount = mount;
    }

    /** Whether O_DIRECT goes past the page cache there. */
    public boolean goesDirect() {
      return name().startsWith("EXT4") || this == XFS;
    }

    private static String ext4(int sector) {
      return """
      truncate -s 96M "$PLACE.img"
      loop=$(losetup --sector-size %d --find --show "$PLACE.img")
      trap 'losetup -d "$loop"' EXIT
      mkfs.ext4 -q -F -b 4096 "$loop"
      mount "$loop" .
      losetup -d "$loop"
      trap - EXIT
      """
          .formatted(sector);
    }
  }

  private final Path directory;
  private final Path place;

  private Mounted(Path directory, Path place) {
    this.directory = directory;
    this.place = place;
  }

  /** With a place to mount at in a directory, in which it also keeps files of its own. */
  public static Mounted in(Path directory) throws Exception {
    List<String> trial = new ArrayList<>(NAMESPACE);
    trial.addAll(List.of("mount", "-t", "tmpfs", "none", "/mnt"));
    Needs.program("mounting", trial.toArray(String[]::new));
    return new Mounted(directory, Files.createDirectory(directory.resolve("mount point")));
  }

  /** Where it is mounted. */
  public Path place() {
    return place;
  }

  /** Runs a command where a new file system is mounted. */
  public Programs.Ended run(FileSystem fileSystem, List<String> command) throws Exception {
    List<String> all = new ArrayList<>(NAMESPACE);
    // Inside, the place of the mount is the working directory only after it was entered again.
    String mount = fileSystem.mount.strip() + "\ncd \"$PLACE\"";
    all.addAll(List.of("sh", "-ec", RUN.formatted(mount), "sh"));
    all.addAll(command);
    return Programs.run(directory, Map.of("PLACE", place.toString()), all);
  }

  /** What the last command left in its file system. */
  public List<String> left() throws IOException {
    Path list = directory.resolve("mount point.left");
    assertThat(list).exists();
    return Files.readAllLines(list);
  }
}
