// SPDX-License-Identifier: Apache-2.0
package io.lmcache.benchmarks;

import io.lmcache.core.AdapterEnvironment;
import io.lmcache.core.AdapterRegistry;
import io.lmcache.core.OpenAdapter;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2ConfigException;
import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** An adapter of type {@code fs_native}, opened from JSON as a program does it. */
final class FsNative implements AutoCloseable {

  private static final AdapterRegistry REGISTRY = AdapterRegistry.discover();
  private static final long HANG_SECONDS = 300;

  private final OpenAdapter open;
  private final Path base;

  private FsNative(OpenAdapter open, Path base) {
    this.open = open;
    this.base = base;
  }

  /**
   * Opens an adapter and waits until it knows what is there.
   *
   * @param more fields of the configuration, such as {@code "shared": true}
   */
  static FsNative open(Path base, String... more) throws IOException {
    StringBuilder json = new StringBuilder("{\"type\": \"fs_native\", \"base_path\": \"");
    json.append(base).append('"');
    for (String field : more) {
      json.append(", ").append(field);
    }
    try {
      FsNative adapter =
          new FsNative(
              REGISTRY.open(
                  REGISTRY.parse("bench", json.append('}').toString()),
                  AdapterEnvironment.of("bench")),
              base);
      while (adapter.adapter().usage().recovering()) {
        Thread.onSpinWait();
      }
      return adapter;
    } catch (L2ConfigException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
  }

  L2Adapter adapter() {
    return open.adapter();
  }

  /** The files of the objects, in no order. */
  List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(base)) {
      return all.filter(file -> file.toString().endsWith(".data")).toList();
    }
  }

  static ObjectKey key(long n) {
    byte[] hash =
        ByteBuffer.allocate(32).putLong(0, n * 0x9E3779B97F4A7C15L).putLong(24, n).array();
    return ObjectKey.of(hash, "lmcache/bench", 0);
  }

  /** The answer; the time limit only detects a hang. */
  static <T> T await(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(HANG_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("no answer: " + e, e);
    }
  }

  @Override
  public void close() {
    open.close();
  }
}
