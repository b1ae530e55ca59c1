// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What stands in a quiet directory, sub-directories and all.
 *
 * @param objects the sizes of the files with an object's name
 * @param staged files being written
 * @param owners who has it open, or died
 */
record LossDisk(Map<String, Long> objects, List<String> staged, List<String> owners) {

  static LossDisk of(Path base) throws IOException {
    LossDisk disk = new LossDisk(new HashMap<>(), new ArrayList<>(), new ArrayList<>());
    try (Stream<Path> all = Files.walk(base)) {
      for (Path file : all.toList()) {
        disk.add(file);
      }
    }
    return disk;
  }

  private void add(Path file) throws IOException {
    String name = String.valueOf(file.getFileName());
    if (name.endsWith(".data")) {
      objects.put(name, Files.size(file));
    } else if (name.startsWith(".lmc-")) {
      staged.add(name);
    } else if (name.startsWith("owner-")) {
      owners.add(name);
    }
  }

  /** How many objects and bytes there are. */
  String usage() {
    return objects.size() + " objects, " + bytes() + " bytes";
  }

  private long bytes() {
    return objects.values().stream().mapToLong(Long::longValue).sum();
  }
}
