// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import io.lmcache.it.files.LossCheck.Promise;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * How objects are written that a crash meets.
 *
 * @param direct whether past the page cache
 * @param fsync what is synced
 * @param seed of keys, moments and the layout of the directory
 */
record CrashCase(Engine engine, boolean direct, Fsync fsync, FileSystem fileSystem, long seed) {

  /** The setting of that name, and what it promises. */
  enum Fsync {
    NONE(Promise.NONE),
    DATA(Promise.DATA),
    FULL(Promise.FULL);

    final Promise promise;

    Fsync(Promise promise) {
      this.promise = promise;
    }
  }

  /** What is mounted. */
  enum FileSystem {
    EXT4("mkfs.ext4 -q -F -b 4096"),
    XFS("mkfs.xfs -q -f");

    private final String make;

    FileSystem(String make) {
      this.make = make;
    }

    /** The command that makes one in a file. */
    Stream<String> make() {
      return Stream.of(make.split(" "));
    }
  }

  private static final List<Engine> ENGINES = List.of(Engine.values());
  private static final List<Fsync> FSYNC = List.of(Fsync.values());
  private static final List<FileSystem> FILE_SYSTEMS = List.of(FileSystem.values());
  private static final int[] SIZES = {ENGINES.size(), 2, FSYNC.size(), FILE_SYSTEMS.size()};

  /** All, or few among which any two values come together; without a seed. */
  static List<CrashCase> some(boolean all) {
    return Covering.rows(all ? SIZES.length : 2, SIZES).stream()
        .map(
            row ->
                new CrashCase(
                    ENGINES.get(row[0]),
                    row[1] == 1,
                    FSYNC.get(row[2]),
                    FILE_SYSTEMS.get(row[3]),
                    0))
        .toList();
  }

  CrashCase withSeed(long other) {
    return new CrashCase(engine, direct, fsync, fileSystem, other);
  }

  /** The rest of the configuration; the layout goes by lot. */
  List<String> json() {
    SplittableRandom lot = new SplittableRandom(seed);
    return List.of(
        "\"use_odirect\": " + direct,
        "\"fsync\": \"" + fsync.name().toLowerCase(Locale.ROOT) + "\"",
        "\"hash_subdir_levels\": " + lot.nextInt(3),
        "\"relative_tmp_dir\": \"" + (lot.nextBoolean() ? "tmp" : "") + "\"");
  }

  /** In one word. */
  @Override
  public String toString() {
    return String.join(
        ",",
        engine.name(),
        direct ? "direct" : "buffered",
        fsync.name(),
        fileSystem.name(),
        Long.toString(seed));
  }

  static CrashCase parse(String word) {
    String[] parts = word.split(",", 5);
    return new CrashCase(
        Engine.valueOf(parts[0]),
        parts[1].equals("direct"),
        Fsync.valueOf(parts[2]),
        FileSystem.valueOf(parts[3]),
        Long.parseLong(parts[4]));
  }
}
