// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The files that hold a run's objects, found by their names: a file adapter names a file after its
 * key, and so the name holds the chunk hash, which no other object has. Times are not looked at;
 * any clock may have set them.
 */
final class ObjectFiles {

  private static final Pattern HASH = Pattern.compile("(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])");
  private static final Path META_DIRECTORY = Path.of(".lmcache");

  private final Map<RoundId, List<Path>> files;

  private ObjectFiles(Map<RoundId, List<Path>> files) {
    this.files = files;
  }

  /**
   * Looks for the files of all rounds.
   *
   * @param directory where the adapter keeps its files, at any depth
   * @param stop ends the search early, with what was found until then
   * @throws IOException if a directory cannot be read
   */
  static ObjectFiles find(Path directory, BenchPlan plan, BenchKeys keys, BooleanSupplier stop)
      throws IOException {
    Map<String, RoundId> wanted = new HashMap<>();
    for (RoundId round : plan.allRounds()) {
      for (int i = 0; i < plan.keysPerRound(); i++) {
        ObjectKey key = keys.stored(round, i);
        wanted.put(HexFormat.of().formatHex(key.chunkHash()), round);
      }
    }
    Map<RoundId, List<Path>> files = new HashMap<>();
    Files.walkFileTree(directory, new Search(wanted, files, stop));
    return new ObjectFiles(files);
  }

  /** How many were found; two of one key count twice. */
  long count() {
    return files.values().stream().mapToLong(List::size).sum();
  }

  List<Path> of(RoundId round) {
    return files.getOrDefault(round, List.of());
  }

  private static final class Search extends SimpleFileVisitor<Path> {
    private final Map<String, RoundId> wanted;
    private final Map<RoundId, List<Path>> files;
    private final BooleanSupplier stop;

    Search(Map<String, RoundId> wanted, Map<RoundId, List<Path>> files, BooleanSupplier stop) {
      this.wanted = wanted;
      this.files = files;
      this.stop = stop;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
      return directory.endsWith(META_DIRECTORY)
          ? FileVisitResult.SKIP_SUBTREE
          : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      String name = String.valueOf(file.getFileName());
      boolean staging = name.startsWith(".lmc-") && name.endsWith(".tmp");
      if (attributes.isRegularFile() && !staging) {
        Matcher hash = HASH.matcher(name);
        while (hash.find()) {
          RoundId round = wanted.get(hash.group());
          if (round != null) {
            files.computeIfAbsent(round, ignored -> new ArrayList<>()).add(file);
          }
        }
      }
      return stop.getAsBoolean() ? FileVisitResult.TERMINATE : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
      if (failure instanceof NoSuchFileException) {
        return FileVisitResult.CONTINUE; // gone since its directory was read
      }
      throw failure;
    }
  }
}
