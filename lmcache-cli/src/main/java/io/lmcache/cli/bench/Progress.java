// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import java.io.PrintWriter;

/** One line on a terminal that is written over and over; nothing where nobody watches. */
final class Progress {

  private static final int WIDTH = 60;

  private final PrintWriter err;
  private final boolean shown;

  Progress(PrintWriter err, boolean shown) {
    this.err = err;
    this.shown = shown;
  }

  void show(String what, int done, int all) {
    print(what + " " + (done + 1) + " of " + all);
  }

  void show(String what) {
    print(what);
  }

  /** Leaves the line empty for whoever writes next. */
  void clear() {
    print("");
    if (shown) {
      err.print("\r");
      err.flush();
    }
  }

  private void print(String text) {
    if (shown) {
      err.print("\r" + text + " ".repeat(Math.max(0, WIDTH - text.length())));
      err.flush();
    }
  }
}
