// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** In what part somebody has a directory open: {@link Ownership} uses it, a {@link Visit} looks. */
interface Tenancy {

  /** How the names of staging files begin; nobody else's do. */
  String stagingPrefix();

  /** Whether no other instance uses the directory. */
  boolean exclusive();

  /** What status says of it. */
  Map<String, String> details();

  /**
   * What status says.
   *
   * @param shared what the configuration says
   * @param locks whether the file system has locks
   * @param owners how many instances use the directory
   * @param refused why it cannot be used at the moment; null if it can
   */
  static Map<String, String> details(
      boolean shared, boolean locks, int owners, @Nullable String refused) {
    Map<String, String> details = new LinkedHashMap<>();
    String together = locks ? "shared" : "shared (no lock support)";
    details.put("ownership", shared || !locks ? together : "exclusive");
    if (refused != null) {
      details.put(shared ? "shared" : "exclusive", Effect.ineffective(true, refused));
    } else if (!shared) {
      details.put(
          "exclusive",
          locks
              ? Effect.effective(true)
              : Effect.ineffective(true, "no locks on this file system"));
    }
    details.put("locks", locks ? "yes" : "no");
    details.put("owners", Integer.toString(owners));
    return details;
  }
}
