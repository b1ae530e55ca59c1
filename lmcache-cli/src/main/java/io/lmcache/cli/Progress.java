// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli;

import java.io.PrintWriter;

/** One line on a terminal that is written over and over; nothing where nobody watches. */
public final class Progress {

  private static final int WIDTH = 60;

  private final PrintWriter err;
  private final boolean shown;

  /**
   * A line.
   *
   * @param shown whether somebody watches
   */
  public Progress(PrintWriter err, boolean shown) {
    this.err = err;
    this.shown = shown;
  }

  /** Says at which of several things it is. */
  public void show(String what, int done, int all) {
    print(what + " " + (done + 1) + " of " + all);
  }

  /** Says what is going on. */
  public void show(String what) {
    print(what);
  }

  /** Leaves the line empty for whoever writes next. */
  public void clear() {
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
