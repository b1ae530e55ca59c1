// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it;

import java.util.List;

/** What tests need that mount file systems of their own. */
public final class Mounts {

  /** The beginning of a command whose mounts end with it. */
  public static final List<String> NAMESPACE = List.of("unshare", "-m", "--propagation", "private");

  private Mounts() {}

  /** Without the rights and the tools it fails in CI; elsewhere it is left out with a reason. */
  public static void needed() throws Exception {
    needed("mkfs.ext4");
  }

  /** The same for these tools. */
  public static void needed(String... tools) throws Exception {
    StringBuilder trial = new StringBuilder();
    for (String tool : tools) {
      trial.append("command -v ").append(tool).append(" && ");
    }
    trial.append("unshare -m --propagation private mount -t tmpfs none /mnt && losetup -f");
    Needs.program("mounting", "sh", "-c", trial.toString());
  }
}
