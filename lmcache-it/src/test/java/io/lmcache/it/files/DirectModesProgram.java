// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Stores and loads objects of every length, from and into memory at every skew, with and without
 * padding, in every mode of {@code use_odirect}; each must go the way that the rules of direct I/O
 * give it, be counted so, and leave the memory around it alone. Prints how often each way was
 * taken; anything else ends it with an exception. Arguments: engine, directory.
 *
 * <p>What a load finds was stored by another instance, through the page cache, so that loads do not
 * depend on stores.
 */
final class DirectModesProgram {

  private static final List<Integer> LENGTHS =
      List.of(0, 1, 511, 512, 513, 4095, 4096, 4097, 3_942_656);
  private static final List<Integer> SKEWS = List.of(0, 1, 64, 512);
  private static final List<Boolean> PADDED = List.of(false, true);
  private static final List<String> MODES = List.of("false", "true", "\"require\"");
  private static final String SHARED = "\"shared\": true";

  private final Engine engine;
  private final Path base;
  private final Map<String, Integer> seen = new TreeMap<>();
  private int cases;

  private DirectModesProgram(Engine engine, Path base) {
    this.engine = engine;
    this.base = base;
  }

  @SuppressWarnings("SystemOut")
  public static void main(String[] args) throws Exception {
    DirectModesProgram program =
        new DirectModesProgram(Engine.valueOf(args[0]), Path.of(args[1]).resolve("kv"));
    for (String mode : MODES) {
      program.mode(mode);
    }
    program.seen.put("cases", program.cases);
    program.seen.forEach((what, count) -> System.out.println(what + " " + count));
  }

  private void mode(String mode) throws IOException {
    try (FileAdapter buffered = FileAdapter.open(engine, base, SHARED)) {
      FileAdapter tested;
      try {
        tested = FileAdapter.open(engine, base, SHARED, "\"use_odirect\": " + mode);
      } catch (IOException e) {
        must(mode.equals("\"require\"") && String.valueOf(e.getMessage()).contains("O_DIRECT"), e);
        seen.merge("refused at open", 1, Integer::sum);
        return;
      }
      try (tested) {
        for (int length : LENGTHS) {
          for (int skew : SKEWS) {
            for (boolean padded : PADDED) {
              new DirectModesCase(engine, tested, mode, length, skew, padded)
                  .run(cases, buffered, seen);
              cases++;
            }
          }
        }
      }
    }
    try (Stream<Path> left = Files.list(base)) {
      List<Path> files = left.filter(Files::isRegularFile).toList();
      must(files.isEmpty(), files);
    }
  }

  static void must(boolean right, Object what) {
    if (!right) {
      throw new AssertionError("not as it should be: " + what);
    }
  }

  /** The outcome of a store, and that the object is there if and only if it was stored. */
  static StoreOutcome store(FileAdapter adapter, ObjectKey key, MemoryObject from) {
    StoreOutcome outcome = adapter.store(key, from, StoreMode.IF_ABSENT);
    Long found = adapter.lookup(key);
    must(
        outcome == StoreOutcome.STORED
            ? Long.valueOf(from.sizeBytes()).equals(found)
            : found == null,
        outcome + ", found " + found);
    return outcome;
  }

  static void mustLoad(FileAdapter adapter, ObjectKey key, int length) {
    MemoryObject into = Content.poisoned(length);
    must(adapter.load(key, into) == LoadOutcome.LOADED && Content.holds(into, key, 1), key);
  }
}
