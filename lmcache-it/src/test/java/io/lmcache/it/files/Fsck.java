// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import io.lmcache.l2.fs.CheckProgress;
import io.lmcache.l2.fs.CheckReport;
import io.lmcache.l2.fs.CheckWatcher;
import io.lmcache.l2.fs.DirectoryCheck;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Supplier;

/** Checks and repairs directories, as {@code lmcache fsck} does. */
final class Fsck {

  private static final CheckWatcher TO_THE_END =
      new CheckWatcher() {
        @Override
        public boolean isToStop() {
          return false;
        }

        @Override
        public void goesOn(Supplier<CheckProgress> progress) {}
      };

  private Fsck() {}

  static CheckReport check(Path base) throws IOException {
    return run(base, false);
  }

  static CheckReport repair(Path base) throws IOException {
    return run(base, true);
  }

  static CheckReport run(Path base, boolean repair) throws IOException {
    return DirectoryCheck.of(base)
        .run(
            new DirectoryCheck.Options(repair, 2, 1000),
            task -> new Thread(task, "fsck"),
            TO_THE_END);
  }
}
