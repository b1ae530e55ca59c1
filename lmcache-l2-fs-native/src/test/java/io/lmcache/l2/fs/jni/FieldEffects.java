// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.CommonConfig;
import io.lmcache.spi.EvictionConfig;
import io.lmcache.spi.EvictionPolicy;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What tests of single fields share: opening through the factory, and looking at what came of it.
 */
final class FieldEffects {

  static final int UNIT = 4096;
  static final CommonConfig SHARED = new CommonConfig(null, true, true);
  static final CommonConfig PASSING = new CommonConfig(null, false, false);
  static final CommonConfig EVICTING =
      new CommonConfig(new EvictionConfig(EvictionPolicy.LRU, 0.8, 0.2), false, true);

  private FieldEffects() {}

  static L2Adapter open(FsNativeConfigs.Builder config) throws Exception {
    return open(config, CommonConfig.DEFAULT);
  }

  static L2Adapter open(FsNativeConfigs.Builder config, CommonConfig common) throws Exception {
    return new FsNativeAdapterFactory()
        .open(AdapterSpec.of("fs_native", config.build(), common), new TestContext(common));
  }

  static String detail(L2Adapter adapter, String name) {
    String detail = adapter.status().details().get(name);
    assertThat(detail).as("detail %s of %s", name, adapter.status().details()).isNotNull();
    return Objects.requireNonNull(detail);
  }

  static long counter(L2Adapter adapter, String name) {
    return Long.parseLong(detail(adapter, name));
  }

  /** The objects' files, wherever they are. */
  static List<Path> files(Path base) throws IOException {
    try (Stream<Path> all = Files.walk(base)) {
      return all.filter(file -> file.toString().endsWith(".data")).sorted().toList();
    }
  }

  static Path file(Path base) throws IOException {
    List<Path> files = files(base);
    assertThat(files).hasSize(1);
    return files.get(0);
  }

  /** What the adapter called, and nothing about directories and attributes. */
  static List<String> moves(String trace) {
    return trace
        .lines()
        .filter(line -> line.matches("(create|open|pread|pwrite|ftruncate).*"))
        .toList();
  }

  /** Stores one object from memory that begins at a page. */
  static StoreResult storeAligned(L2Adapter adapter, ObjectKey key, int size, int physical) {
    return TestObjects.await(
        adapter.store(StoreRequest.of(List.of(new StoreItem(key, aligned(key, size, physical))))));
  }

  /** An object that begins at a page, with so much memory. */
  static MemoryObject aligned(ObjectKey key, int size, int physical) {
    MemoryObject object = MemoryObject.padded(memory(physical), size);
    ByteBuffer bytes = object.buffer();
    for (int i = 0; i < size; i++) {
      bytes.put(i, TestObjects.expected(key, 1, i));
    }
    return object;
  }

  /** The same to load into. */
  static MemoryObject alignedPoison(int size, int physical) {
    ByteBuffer memory = memory(physical);
    for (int i = 0; i < physical; i++) {
      memory.put(i, (byte) 0xA5);
    }
    return MemoryObject.padded(memory, size);
  }

  private static ByteBuffer memory(int bytes) {
    int pages = (bytes + UNIT - 1) / UNIT + 1;
    return ByteBuffer.allocateDirect(pages * UNIT).alignedSlice(UNIT).slice(0, bytes);
  }
}
