// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import java.util.Locale;

/** The adapters that speak the directory format. */
enum Engine {
  FS_JAVA,
  FS_NATIVE;

  /** The {@code type} of its configuration. */
  String type() {
    return name().toLowerCase(Locale.ROOT);
  }

  Engine other() {
    return this == FS_JAVA ? FS_NATIVE : FS_JAVA;
  }
}
