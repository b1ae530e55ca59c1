// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What {@link OwnershipChild} starts: does what it reads, one line each, until its input ends. */
final class OwnershipMain {

  private final Path base;
  private @Nullable Ownership ownership;

  private OwnershipMain(Path base) {
    this.base = base;
  }

  public static void main(String[] args) throws IOException {
    OwnershipMain main = new OwnershipMain(Path.of(args[0]));
    try (PrintStream out =
            new PrintStream(
                new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        BufferedReader in =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      out.println("ready " + ProcessHandle.current().pid());
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        out.println(main.run(line.split(" ")));
      }
    }
  }

  private String run(String[] command) {
    try {
      return switch (command[0]) {
        case "take" -> take(command[1].equals("shared"));
        case "stage" -> stage(command[1]);
        case "sweep" -> sweep();
        case "write" -> write(Integer.parseInt(command[1]));
        case "close" -> close();
        default -> throw new IllegalArgumentException(command[0]);
      };
    } catch (IOException e) {
      return "refused " + e.getMessage();
    }
  }

  private String take(boolean shared) throws IOException {
    ownership = Ownership.take(OwnershipTest.options(base, shared), base);
    return "taken " + ownership.owner();
  }

  private String stage(String counter) throws IOException {
    Path file = base.resolve(held().stagingPrefix() + counter + ".tmp");
    Files.writeString(file, "staged by " + ProcessHandle.current().pid() + " as " + counter);
    return "staged " + file.getFileName();
  }

  private String sweep() throws IOException {
    return "swept "
        + held().staging().sweep(base)
        + " owners "
        + held().staging().removeDeadOwners();
  }

  private String write(int levels) throws IOException {
    FormatFile.write(base, FormatFileTest.options(base, levels), () -> false);
    return "written " + levels;
  }

  private String close() throws IOException {
    held().close();
    ownership = null;
    return "closed";
  }

  private Ownership held() {
    if (ownership == null) {
      throw new IllegalStateException("not taken");
    }
    return ownership;
  }
}
