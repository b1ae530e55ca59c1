// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A directory in which some sub-directories belong to another user, who lets nobody in: as root it
 * is prepared, as somebody else it is used.
 */
final class FaultyDiskDenied {

  /** How many sub-directories belong to others; each has one object. */
  static final int OTHERS = 8;

  private static final String LEVELS = "\"hash_subdir_levels\": 1";
  private static final List<ObjectKey> THEIRS = keys(0);
  private static final List<ObjectKey> OURS = keys(OTHERS);

  private FaultyDiskDenied() {}

  /** Each in a sub-directory of its own. */
  private static List<ObjectKey> keys(int from) {
    return IntStream.range(from, from + OTHERS)
        .mapToObj(n -> ObjectKey.of(new byte[] {(byte) n, 1, 2, 3}, "denied", 0))
        .toList();
  }

  /** Stores an object in each sub-directory. */
  static void prepare(Engine engine, Path base) throws IOException {
    try (FaultyDiskAdapter adapter = new FaultyDiskAdapter(engine, base, LEVELS)) {
      adapter.mustStore(THEIRS, 1);
      adapter.mustStore(OURS, 1);
    }
  }

  /** Gives everything to a user but the sub-directories of others; says how many those are. */
  static int giveAway(Path base, int user) throws IOException {
    int others = 0;
    try (Stream<Path> all = Files.walk(base)) {
      for (Path path : all.toList()) {
        String below = base.relativize(path).toString();
        if (!below.startsWith(".lmcache") && below.matches("0[0-7].*")) {
          others += Files.isDirectory(path) ? 1 : 0;
        } else {
          Files.setAttribute(path, "unix:uid", user);
        }
      }
    }
    return others;
  }

  /** Uses it, and says how many keys failed. */
  static int denied(Engine engine, Path base) throws IOException {
    try (FaultyDiskAdapter adapter = new FaultyDiskAdapter(engine, base, LEVELS)) {
      adapter.assertDegraded(
          "could not be scanned: read " + base + "/0",
          "Permission denied (EACCES), and " + (OTHERS - 1) + " more");
      assertThat(adapter.adapter().detail("recovery")).startsWith("incomplete");
      // What is behind those is counted all the same.
      assertThat(adapter.adapter().detail("recovered_objects")).isEqualTo("" + OURS.size());
      adapter.loadsMustFail(THEIRS, "EACCES");
      adapter.storesMustFail(THEIRS, StoreMode.IF_ABSENT, "EACCES");
      adapter.storesMustFail(THEIRS, StoreMode.REPLACE, "EACCES");
      adapter.deletesMustFail(THEIRS, "EACCES");
      adapter.assertDegraded("stores in a row", "loads in a row", "deletes in a row");
      adapter.mustLoad(OURS, 1);
      adapter.mustStore(OURS, 2);
      adapter.mustLoad(OURS, 2);
      adapter.mustDelete(OURS.subList(0, 1));
      adapter.assertCounted();
      return adapter.failures();
    }
  }
}
