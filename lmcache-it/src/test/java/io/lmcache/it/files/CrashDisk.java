// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A file system in a file, which can end as if the machine had lost its power: what was not on the
 * disk by then never gets there, and the next mount replays the journal. For a process whose mounts
 * end with it, and one thread.
 */
final class CrashDisk implements AutoCloseable {

  /** What mkfs.xfs wants at least; sparse. */
  private static final long BYTES = 300L << 20;

  /**
   * Syncs an unrelated file, with which the journal is committed, or shuts the file system down
   * without a flush of its log: by the call of that number, which ext4 took over from XFS. Begun
   * before it is needed, since the moment counts.
   */
  private static final String HELPER =
      """
      use IO::Handle;
      $| = 1;
      open(my $file, ">", $ARGV[0]) or die "$ARGV[0]: $!\\n";
      print "ready\\n";
      while (my $line = <STDIN>) {
        if ($line eq "sync\\n") {
          $file->syswrite("x") && $file->sync or die "sync: $!\\n";
        } else {
          my $without_flush = pack("L", 2);
          ioctl($file, 0x8004587d, $without_flush) or die "shut down: $!\\n";
        }
        print $line;
      }
      """;

  private final Path image;
  private final Path place;
  private final Process helper;
  private final Writer in;
  private final BufferedReader out;
  private boolean mounted;

  /** Makes one in a directory and mounts it. */
  CrashDisk(CrashCase.FileSystem fileSystem, Path directory) throws IOException {
    image = directory.resolve("image");
    place = directory.resolve("mount");
    Files.deleteIfExists(image);
    Files.createDirectories(place);
    try (var file =
        Files.newByteChannel(image, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      file.position(BYTES - 1).write(ByteBuffer.allocate(1));
    }
    List<String> make = new ArrayList<>(fileSystem.make().toList());
    make.add(image.toString());
    run(make);
    mount();
    helper =
        new ProcessBuilder("perl", "-e", HELPER, place.resolve("unrelated").toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    in = helper.outputWriter(StandardCharsets.UTF_8);
    out = helper.inputReader(StandardCharsets.UTF_8);
    expect("ready");
  }

  /** Where it is mounted. */
  Path place() {
    return place;
  }

  private void mount() throws IOException {
    run(List.of("mount", "-o", "loop", image.toString(), place.toString()));
    mounted = true;
  }

  private void unmount() throws IOException {
    run(List.of("umount", place.toString()));
    mounted = false;
  }

  private static void run(List<String> command) throws IOException {
    int exit = new ProcessBuilder(command).inheritIO().start().onExit().join().exitValue();
    if (exit != 0) {
      throw new IOException(command + " ended with " + exit);
    }
  }

  private void tell(String line) throws IOException {
    in.write(line + "\n");
    in.flush();
    expect(line);
  }

  private void expect(String line) throws IOException {
    String answer = out.readLine();
    if (!line.equals(answer)) {
      throw new IOException("the helper was to answer " + line + ", and said " + answer);
    }
  }

  /** Puts all on the disk that there is. */
  void syncAll() throws IOException {
    run(List.of("sync", "-f", place.toString()));
  }

  /** Puts an unrelated file on the disk, and with it what its journal holds. */
  void syncUnrelated() throws IOException {
    tell("sync");
  }

  /** From now on nothing gets to the disk, and all who try are told. */
  void shutDown() throws IOException {
    tell("shut down");
  }

  /** Mounts again what is on the disk. Nobody may have anything open there. */
  void mountAgain() throws IOException {
    endHelper();
    unmount();
    mount();
  }

  private void endHelper() throws IOException {
    in.close();
    if (helper.onExit().join().exitValue() != 0) {
      throw new IOException("the helper ended with " + helper.exitValue());
    }
  }

  @Override
  public void close() throws IOException {
    helper.destroyForcibly();
    helper.onExit().join();
    if (mounted) {
      unmount();
    }
    Files.deleteIfExists(image);
    Files.deleteIfExists(place);
  }
}
