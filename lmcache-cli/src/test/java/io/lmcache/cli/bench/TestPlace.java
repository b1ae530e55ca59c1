// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** What adapters in memory hold and saw; tests look into it. */
final class TestPlace {

  private static final Map<String, TestPlace> NAMED = new ConcurrentHashMap<>();

  /** A load as the adapter got it: the buffer and its bytes before the adapter wrote. */
  record Load(ObjectKey key, MemoryObject object, ByteBuffer before) {}

  final Map<ObjectKey, byte[]> objects = new ConcurrentHashMap<>();
  final Set<ObjectKey> everStored = ConcurrentHashMap.newKeySet();
  final Map<ObjectKey, byte[]> everHeld = new ConcurrentHashMap<>();
  final List<MemoryObject> storeBuffers = new CopyOnWriteArrayList<>();
  final List<Load> loads = new CopyOnWriteArrayList<>();
  final List<String> calls = new CopyOnWriteArrayList<>();

  static TestPlace named(String name) {
    return name.isEmpty()
        ? new TestPlace()
        : NAMED.computeIfAbsent(name, ignored -> new TestPlace());
  }
}
