// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.StoreOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/**
 * Stores one object and tells what was made: the directory, {@code relative_tmp_dir}, {@code
 * file_mode}, {@code dir_mode}.
 */
final class FieldEffectProcessMain {

  private FieldEffectProcessMain() {}

  public static void main(String[] args) throws Exception {
    Path base = Path.of(args[0]);
    FsNativeConfigs.Builder config =
        FsNativeConfigs.at(base).tmpDir(args[1]).levels(2).modes(args[2], args[3]);
    try (L2Adapter adapter = FieldEffects.open(config)) {
      if (TestObjects.store(adapter, TestObjects.keys(1), 1, 5000).outcome(0)
          != StoreOutcome.STORED) {
        throw new AssertionError("not stored");
      }
      System.out.println("FILE_MODE " + FieldEffects.detail(adapter, "file_mode"));
      System.out.println("DIR_MODE " + FieldEffects.detail(adapter, "dir_mode"));
    } catch (IOException e) {
      System.out.println("REFUSED " + e.getMessage());
      return;
    }
    List<Path> made;
    try (Stream<Path> all = Files.walk(base)) {
      made = all.filter(path -> !path.toString().contains("/.lmcache")).toList();
    }
    for (Path path : made) {
      System.out.println(
          (Files.isDirectory(path) ? "DIRECTORY " : "OBJECT ")
              + PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
    }
  }
}
