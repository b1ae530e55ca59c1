// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file systems that this process sees mounted, as {@code /proc/self/mountinfo} tells it: Java
 * tells a type, but no options.
 *
 * <p>Immutable. To read it waits for no file system.
 */
final class MountTable {

  private static final Logger log = LoggerFactory.getLogger(MountTable.class);
  private static final Path FILE = Path.of("/proc/self/mountinfo");

  /** How the kernel writes what would end a word. */
  private static final Pattern ESCAPE = Pattern.compile("\\\\([0-7]{3})");

  /**
   * One of them, which may be mounted in several places.
   *
   * @param device its number, as {@code major:minor}
   * @param options its own, not those of a mount
   */
  record FileSystem(String device, String type, List<String> options) {

    /** The value of an option {@code name=value}; null without it. */
    @Nullable String option(String name) {
      for (String option : options) {
        if (option.startsWith(name + "=")) {
          String value = option.substring(name.length() + 1);
          return ESCAPE
              .matcher(value)
              .replaceAll(escape -> quoted((char) Integer.parseInt(escape.group(1), 8)));
        }
      }
      return null;
    }

    private static String quoted(char letter) {
      return Matcher.quoteReplacement(String.valueOf(letter));
    }
  }

  private final List<FileSystem> all;

  private MountTable(List<FileSystem> all) {
    this.all = all;
  }

  /** The table as it is now; empty where the system has none. */
  static MountTable read() throws IOException {
    try {
      return of(new String(Files.readAllBytes(FILE), StandardCharsets.UTF_8));
    } catch (NoSuchFileException e) {
      log.debug("nothing is known of mounts", e);
      return of("");
    }
  }

  static MountTable of(String text) {
    List<FileSystem> all = new ArrayList<>();
    for (String line : text.split("\n", -1)) {
      // 36 35 98:0 /root /mount/point rw,noatime any:1 number:2 - ext4 /dev/sda rw,data=journal
      String[] words = line.split(" ", -1);
      int dash = List.of(words).indexOf("-");
      if (dash > 2 && words.length > dash + 3) {
        List<String> options = List.of(words[dash + 3].split(",", -1));
        all.add(new FileSystem(words[2], words[dash + 1], options));
      }
    }
    return new MountTable(all);
  }

  /** The file system of that number; null if it is not mounted anywhere that is seen. */
  @Nullable FileSystem find(String device) {
    return all.stream().filter(one -> one.device().equals(device)).findFirst().orElse(null);
  }

  /** The file system that a directory is on; null if nothing is known of it. */
  @Nullable FileSystem of(Path directory) throws IOException {
    return all.isEmpty() ? null : find(device((Long) Files.getAttribute(directory, "unix:dev")));
  }

  /** A device number as the table writes it. */
  static String device(long number) {
    long major = (number >> 8 & 0xfff) | (number >> 32 & ~0xfffL);
    long minor = (number & 0xff) | (number >> 12 & 0xffffff00L);
    return major + ":" + minor;
  }
}
