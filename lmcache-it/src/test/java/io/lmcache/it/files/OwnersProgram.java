// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** An {@link OwnersInstance} of its own JVM: one line in, one line out, until the input ends. */
final class OwnersProgram {

  private OwnersProgram() {}

  @SuppressWarnings("SystemOut")
  public static void main(String[] args) throws Exception {
    try (OwnersCommands instance = new OwnersCommands();
        BufferedReader in =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        System.out.println(instance.tell(line));
        System.out.flush();
      }
    }
  }
}
