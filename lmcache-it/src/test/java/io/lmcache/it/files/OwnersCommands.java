// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreMode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * One instance of an adapter that does what lines of text tell it, so that tests drive one of their
 * own JVM and one of another in the same way. Used by one thread. Needs no test library: children
 * have none.
 */
final class OwnersCommands implements OwnersInstance {

  /** The model of every key. */
  static final String MODEL = "org/owners";

  private @Nullable FileAdapter adapter;

  static ObjectKey key(long n) {
    return Content.key(MODEL, n);
  }

  @Override
  public String tell(String line) throws IOException {
    String[] words = line.split(" ", 4);
    return switch (words[0]) {
      case "open" -> open(Engine.valueOf(words[1]), Path.of(words[2]), words);
      case "recovered" -> recovered();
      case "store" -> store(number(words, 1), number(words, 2), number(words, 3));
      case "load" -> load(number(words, 1), number(words, 2), number(words, 3));
      case "lookup" -> String.valueOf(adapter().lookup(key(number(words, 1))));
      case "delete" -> delete(number(words, 1));
      case "detail" -> String.valueOf(adapter().adapter().status().details().get(words[1]));
      case "race" -> RenameRaceLoop.parse(line).run(adapter()).toString();
      case "close" -> closed();
      default -> throw new IllegalArgumentException(line);
    };
  }

  private static int number(String[] words, int i) {
    return Integer.parseInt(words[i]);
  }

  private FileAdapter adapter() {
    return Objects.requireNonNull(adapter, "nothing is open");
  }

  /** Says which process it is, or why the directory was refused. */
  private String open(Engine engine, Path base, String[] words) {
    if (adapter != null) {
      throw new IllegalStateException("one is open");
    }
    try {
      adapter =
          words.length > 3
              ? FileAdapter.open(engine, base, words[3])
              : FileAdapter.open(engine, base);
      return "open " + ProcessHandle.current().pid();
    } catch (IOException e) {
      StringJoiner lines = new StringJoiner("; ");
      String.valueOf(e.getMessage()).lines().forEach(lines::add);
      return "refused " + lines;
    }
  }

  private String recovered() {
    FileAdapter open = adapter();
    while (open.usage().recovering()) {
      Thread.onSpinWait();
    }
    return "recovered";
  }

  private String store(int n, int version, int size) {
    return adapter().store(key(n), version, size, StoreMode.IF_ABSENT).name();
  }

  private String load(int n, int version, int size) {
    MemoryObject into = Content.poisoned(size);
    LoadOutcome outcome = adapter().load(key(n), into);
    return outcome == LoadOutcome.LOADED && !Content.holds(into, key(n), version)
        ? "WRONG_BYTES"
        : outcome.name();
  }

  private String delete(int n) {
    DeleteOutcome outcome = adapter().delete(key(n));
    return outcome.name();
  }

  private String closed() {
    close();
    return "closed";
  }

  @Override
  public void close() {
    if (adapter != null) {
      adapter.close();
      adapter = null;
    }
  }
}
