// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import io.lmcache.spi.L2Error;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Closes adapters on a file system that is frozen, so that whoever changes it waits in the kernel:
 * one amid stores and one that has nothing to do. Then lets it go on. Says what was the case before
 * and after, a line for each. Arguments: engine, mount point, milliseconds of a close.
 *
 * <p>Main never touches the file system while it is frozen, and lets it go on whatever happens. A
 * close that does not return is given up after a minute, and so detected.
 */
final class FrozenProgram {

  private static final int WORKERS = 2;
  private static final int STORES = 5;
  private static final int SIZE = 200_000;
  private static final String FIELDS = "\"num_workers\": " + WORKERS;

  private final Engine engine;
  private final Path mount;
  private final Duration bound;

  private FrozenProgram(Engine engine, Path mount, Duration bound) {
    this.engine = engine;
    this.mount = mount;
    this.bound = bound;
  }

  public static void main(String[] args) throws Exception {
    FrozenProgram program =
        new FrozenProgram(
            Engine.valueOf(args[0]), Path.of(args[1]), Duration.ofMillis(Long.parseLong(args[2])));
    program.closeIdle();
    program.closeAmidStores();
    OwnProcess.await(
        "descriptors and threads to be given back",
        () -> OwnProcess.ofAdapters(program.mount).isEmpty());
    say("left", "nothing");
    program.openAgain();
  }

  @SuppressWarnings("SystemOut")
  private static void say(String name, Object what) {
    System.out.println(name + ": " + what);
  }

  private static ObjectKey key(int n) {
    return Content.key("org/frozen", n);
  }

  private FileAdapter open(String directory) throws IOException {
    FileAdapter adapter = FileAdapter.open(engine, mount.resolve(directory), FIELDS);
    OwnProcess.await("the end of the scan", () -> !adapter.usage().recovering());
    return adapter;
  }

  private void fsfreeze(String how) throws IOException {
    try {
      int exit =
          new ProcessBuilder("fsfreeze", how, mount.toString()).inheritIO().start().waitFor();
      if (exit != 0) {
        throw new IOException("fsfreeze " + how + ": exit " + exit);
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private void closeIdle() throws Exception {
    FileAdapter adapter = open("idle");
    fsfreeze("-f");
    try {
      say("idle", adapter.closeInTime(bound));
    } finally {
      fsfreeze("-u");
    }
  }

  private void closeAmidStores() throws Exception {
    FileAdapter adapter = open("kv");
    List<CompletableFuture<StoreResult>> stages = new ArrayList<>();
    fsfreeze("-f");
    try {
      for (int n = 0; n < STORES; n++) {
        StoreItem item = new StoreItem(key(n), Content.of(key(n), 1, SIZE));
        stages.add(
            adapter
                .adapter()
                .store(new StoreRequest(List.of(item), StoreMode.REPLACE, Options.DEFAULT))
                .toCompletableFuture());
      }
      OwnProcess.await(
          "workers that wait for the device",
          () -> OwnProcess.threadsThatWaitForADevice("lmc-io-") == WORKERS);
      say("loans", adapter.adapter().loans());
      say("report", adapter.closeInTime(bound));
      // What no worker had begun may be handed back a moment later.
      OwnProcess.await("loans of the held", () -> adapter.adapter().loans() <= WORKERS);
      say("loans after close", adapter.adapter().loans());
      say("ended", stages.stream().map(CompletableFuture::isDone).toList());
      say("threads that wait", OwnProcess.threadsThatWaitForADevice("lmc-io-"));
    } finally {
      fsfreeze("-u");
    }
    List<Object> outcomes = new ArrayList<>();
    for (CompletableFuture<StoreResult> stage : stages) {
      StoreResult result = FileAdapter.await(stage);
      L2Error error = result.error(0);
      outcomes.add(error == null ? result.outcome(0) : error.code());
    }
    say("outcomes", outcomes);
    OwnProcess.await("the end of all loans", () -> adapter.adapter().loans() == 0);
  }

  private void openAgain() throws IOException {
    Path base = mount.resolve("kv");
    say("staging files", OwnersFiles.staged(base).size());
    say("owners", OwnersFiles.owners(base).size());
    try (FileAdapter adapter = open("kv")) {
      say("stored", adapter.usage().storedObjects() + " of " + adapter.usage().storedBytes());
      List<Object> loaded = new ArrayList<>();
      for (int n = 0; n < STORES; n++) {
        MemoryObject into = Content.poisoned(SIZE);
        loaded.add(adapter.load(key(n), into));
        loaded.add(Content.holds(into, key(n), 1));
      }
      say("loaded", loaded);
    }
  }
}
