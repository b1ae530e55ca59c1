// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.l2.fs.UseOdirect;
import io.lmcache.l2.fs.jni.DirectCase.FileSystem;
import java.nio.file.Path;
import java.util.List;

/** Runs the O_DIRECT matrix where the file systems are mounted: mount points, number of cases. */
final class DirectMatrixMain {

  private DirectMatrixMain() {}

  public static void main(String[] args) throws Exception {
    int count = Integer.parseInt(args[1]);
    List<DirectCase> all = DirectCase.all();
    List<DirectCase> cases = count < all.size() ? DirectCase.some(count) : all;
    NativeLibrary.ensure();
    NativeSeam.reset();
    DirectMatrix matrix = new DirectMatrix(Path.of(args[0]));
    for (FileSystem fileSystem : FileSystem.values()) {
      for (UseOdirect mode : UseOdirect.values()) {
        if (DirectCase.opens(fileSystem, mode)) {
          matrix.run(
              fileSystem,
              mode,
              cases.stream()
                  .filter(c -> c.fileSystem() == fileSystem && c.mode() == mode)
                  .toList());
        } else {
          matrix.mustNotOpen(fileSystem);
        }
      }
    }
    System.out.println("CASES=" + cases.size());
    matrix.covered().forEach((what, times) -> System.out.println(what + "=" + times));
  }
}
