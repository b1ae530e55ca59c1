// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A space of keys under several salts, and what a directory holds of it. */
final class AccountingKeys {

  private static final List<String> SALTS = List.of("", "a", "b", "tenant-c", "d.e_f");

  private final List<ObjectKey> keys;
  private final Map<String, ObjectKey> byName = new HashMap<>();

  AccountingKeys(int count) {
    keys = IntStream.range(0, count).mapToObj(AccountingKeys::key).toList();
    keys.forEach(key -> byName.put(DamageFiles.name(key), key));
  }

  private static ObjectKey key(int n) {
    byte[] hash = ByteBuffer.allocate(16).putLong(n * 0x9E3779B97F4A7C15L).putLong(n).array();
    return ObjectKey.of(hash, "org/model", 7, n % 3, SALTS.get(n % SALTS.size()));
  }

  ObjectKey get(int n) {
    return keys.get(n);
  }

  List<ObjectKey> all() {
    return keys;
  }

  /** The objects that are on the disk, with the sizes of their files. */
  Map<ObjectKey, Long> onDisk(Path base) throws IOException {
    Map<ObjectKey, Long> found = new HashMap<>();
    try (Stream<Path> files = Files.list(base)) {
      for (Path file : files.toList()) {
        ObjectKey key = byName.get(String.valueOf(file.getFileName()));
        if (key != null) {
          found.put(key, Files.size(file));
        }
      }
    }
    return found;
  }

  static long sum(Map<ObjectKey, Long> sizes) {
    return sizes.values().stream().mapToLong(Long::longValue).sum();
  }

  static Map<String, Long> bySalt(Map<ObjectKey, Long> sizes) {
    Map<String, Long> sums = new HashMap<>();
    sizes.forEach((key, bytes) -> sums.merge(key.cacheSalt(), bytes, Long::sum));
    sums.values().removeIf(bytes -> bytes == 0);
    return sums;
  }
}
