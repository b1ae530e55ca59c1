// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import io.lmcache.spi.KeyPage;
import io.lmcache.spi.ListRequest;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What {@link OtherWorldTest} starts in a JVM of its own; prints what it finds, in UTF-8. */
final class OtherWorldMain {

  private OtherWorldMain() {}

  public static void main(String[] args) throws IOException {
    try (PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8)) {
      Path base = Path.of(args[1]);
      switch (args[0]) {
        case "list" -> list(ObjectDirectory.prepare(base, ""), out);
        case "prepare" -> out.println(prepare(base, args[2]));
        default -> throw new IllegalArgumentException(List.of(args).toString());
      }
    }
  }

  private static void list(ObjectDirectory directory, PrintStream out) throws IOException {
    out.println("charset " + System.getProperty("sun.jnu.encoding"));
    directory.forEach(object -> out.println("visited " + object.key() + " " + object.sizeBytes()));
    for (@Nullable ListRequest request = ListRequest.first(2); request != null; ) {
      KeyPage page = directory.page(request);
      page.entries()
          .forEach(entry -> out.println("listed " + entry.key() + " " + entry.sizeBytes()));
      request = request.after(page);
    }
  }

  private static String prepare(Path base, String relativeStaging) {
    try {
      return "prepared " + ObjectDirectory.prepare(base, relativeStaging).staging();
    } catch (IOException e) {
      return "refused " + e.getMessage();
    }
  }
}
