// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.KeyEntry;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreMode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * One side of two that share objects: an adapter that does what lines of text say, in this JVM or
 * as the program of another. Used by one thread. Needs no test library: children have none.
 */
final class CrossEngineCommands implements OwnersInstance {

  private final Map<Integer, MemoryObject> memory = new HashMap<>();
  private @Nullable CrossEngineAdapter adapter;

  /** One line in, one line out, until the input ends. */
  @SuppressWarnings("SystemOut")
  public static void main(String[] args) throws Exception {
    try (CrossEngineCommands side = new CrossEngineCommands();
        BufferedReader in =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        System.out.println(side.tell(line));
        System.out.flush();
      }
    }
  }

  @Override
  public String tell(String line) throws IOException {
    String[] words = line.split(" ", 5);
    return switch (words[0]) {
      case "open" -> open(words);
      case "usage" -> usage();
      case "store" -> store(words);
      case "load" -> load(number(words, 1), number(words, 2));
      case "lookup" -> String.valueOf(open().lookup(CrossEngineKeys.key(number(words, 1))));
      case "delete" -> open().delete(CrossEngineKeys.key(number(words, 1))).name();
      case "list" -> listing();
      case "detail" -> String.valueOf(open().adapter().status().details().get(words[1]));
      case "counter" -> String.valueOf(adapter().counter(words[1]));
      case "work" -> work(words).toString();
      case "close" -> closed();
      default -> throw new IllegalArgumentException(line);
    };
  }

  private static int number(String[] words, int i) {
    return Integer.parseInt(words[i]);
  }

  private CrossEngineAdapter adapter() {
    return Objects.requireNonNull(adapter, "nothing is open");
  }

  private FileAdapter open() {
    return adapter().now();
  }

  private String open(String[] words) throws IOException {
    if (adapter != null) {
      throw new IllegalStateException("one is open");
    }
    Path base = Path.of(words[4]);
    adapter = new CrossEngineAdapter(Engine.valueOf(words[1]), number(words, 2), words[3], base);
    return "open";
  }

  /** Objects and bytes, once the scan at open is over. */
  private String usage() {
    AdapterUsage usage = adapter().usageAfterScan();
    return usage.storedObjects() + " " + usage.storedBytes();
  }

  private String store(String[] words) {
    int n = number(words, 1);
    int version = number(words, 2);
    StoreMode mode = StoreMode.valueOf(words[3]);
    ObjectKey key = CrossEngineKeys.key(n);
    int size = CrossEngineKeys.size(n, version);
    return open().store(key, Content.of(key, version, size, adapter().multiple()), mode).name();
  }

  /** The version that memory of a size holds then, or what came instead. */
  private String load(int n, int size) {
    MemoryObject into =
        memory.computeIfAbsent(size, absent -> Content.poisoned(size, adapter().multiple()));
    Content.poison(into);
    LoadOutcome outcome = open().load(CrossEngineKeys.key(n), into);
    return outcome == LoadOutcome.LOADED
        ? "version " + CrossEngineWork.versionOf(n, into)
        : outcome.name();
  }

  static Map<ObjectKey, Long> list(FileAdapter adapter) {
    Map<ObjectKey, Long> found = new HashMap<>();
    for (@Nullable ListRequest next = ListRequest.first(5); next != null; ) {
      KeyPage page = FileAdapter.await(adapter.adapter().list(next));
      if (page.error() != null) {
        throw new IllegalStateException("a listing fails: " + page.error());
      }
      for (KeyEntry entry : page.entries()) {
        found.put(entry.key(), entry.sizeBytes());
      }
      next = next.after(page);
    }
    return found;
  }

  /** The size of each key in turn, and how many others there are. */
  private String listing() {
    Map<ObjectKey, Long> found = list(open());
    StringJoiner sizes = new StringJoiner(" ");
    for (ObjectKey key : CrossEngineKeys.all()) {
      sizes.add(String.valueOf(found.remove(key)));
    }
    return sizes + " and " + found.size();
  }

  private CrossEngineSeen work(String[] words) throws IOException {
    return new CrossEngineWork(
            number(words, 1),
            CrossEngineWork.Role.valueOf(words[2]),
            number(words, 3),
            Path.of(words[4]),
            adapter())
        .run();
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
      memory.clear(); // The next one may want other padding.
    }
  }
}
