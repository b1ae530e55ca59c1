// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Two healthy objects of one size in a directory: one to damage, and its neighbour.
 *
 * @param base the directory, which must not be the root of what may be written to
 */
record DamageScene(Path base, ObjectKey key, ObjectKey neighbour) {

  /** Their size: no multiple of a block, so that rounding up shows. */
  static final int SIZE = 12_345;

  /** The version of their content. */
  static final int VERSION = 1;

  /** The n-th pair of a directory. */
  static DamageScene of(Path base, int n) {
    return new DamageScene(
        base, Content.key("org/model", 2L * n), Content.key("org/model", 2L * n + 1));
  }

  void fill(FileAdapter adapter) {
    adapter.mustStore(neighbour, VERSION, SIZE);
    adapter.mustStore(key, VERSION, SIZE);
  }

  /** The same without an adapter. */
  void fill() throws IOException {
    Files.createDirectories(base);
    for (ObjectKey one : List.of(neighbour, key)) {
      Path file = DamageFiles.of(base, one);
      byte[] payload = Content.bytes(one, VERSION, SIZE);
      Files.write(file, payload);
      DamageFiles.writeAttribute(file, DamageFiles.attribute(one, SIZE, payload));
    }
  }

  Path file() {
    return DamageFiles.of(base, key);
  }

  Path neighbourFile() {
    return DamageFiles.of(base, neighbour);
  }

  /** A path outside the directory, on the same file system. */
  Path beside(String name) {
    return base.resolveSibling(name + "-" + key.chunkHashHex());
  }

  byte[] payload() {
    return Content.bytes(key, VERSION, SIZE);
  }
}
