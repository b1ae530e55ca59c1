// SPDX-License-Identifier: Apache-2.0
package io.lmcache.benchmarks;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;

/**
 * What one would write without a library: a fixed pool of threads, one {@link FileChannel} for each
 * object, a temporary file and a rename. The checksums are kept in memory, as files have no room
 * for them here.
 */
final class NioSide implements Work.Side {

  private final Work work;
  private final boolean checksum;
  private final long[] sums;
  private final ExecutorService pool;

  private NioSide(Work work, boolean checksum) {
    this.work = work;
    this.checksum = checksum;
    this.sums = new long[work.objects()];
    this.pool = Executors.newFixedThreadPool(work.workers());
  }

  static NioSide open(Work work, boolean checksum) {
    return new NioSide(work, checksum);
  }

  @Override
  public long store(Memory from) throws Exception {
    return nanos(1, i -> store(i, from.slot(i % work.buffers()).buffer()));
  }

  private void store(int i, ByteBuffer buffer) throws IOException {
    if (checksum) {
      sums[i] = sum(buffer);
    }
    Path temporary = work.directory().resolve("object-" + i + ".tmp");
    try (FileChannel file =
        open(temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
      while (buffer.hasRemaining()) {
        file.write(buffer);
      }
    }
    Files.move(temporary, path(i), StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public long load(Memory into, int passes) throws Exception {
    return nanos(passes, i -> load(i, into.slot(i % work.buffers()).buffer()));
  }

  private void load(int i, ByteBuffer buffer) throws IOException {
    try (FileChannel file = open(path(i), StandardOpenOption.READ)) {
      while (buffer.hasRemaining()) {
        if (file.read(buffer) < 0) {
          throw new IOException(path(i) + " is too short");
        }
      }
    }
    if (checksum && sum(buffer.flip()) != sums[i]) {
      throw new IOException(path(i) + " is corrupt");
    }
  }

  private FileChannel open(Path path, OpenOption... options) throws IOException {
    Set<OpenOption> all = new HashSet<>(List.of(options));
    if (work.direct()) {
      all.add(ExtendedOpenOption.DIRECT);
    }
    return FileChannel.open(path, all);
  }

  private static long sum(ByteBuffer buffer) {
    CRC32C crc = new CRC32C();
    crc.update(buffer.duplicate());
    return crc.getValue();
  }

  private Path path(int i) {
    return work.directory().resolve("object-" + i + ".data");
  }

  private interface Task {
    void run(int index) throws IOException;
  }

  /** A buffer for each object: a task for each of them, and each pass after the one before. */
  private long nanos(int passes, Task task) throws Exception {
    if (work.buffers() < work.objects()) {
      return nanosOfChains(passes, task);
    }
    long began = System.nanoTime();
    for (int pass = 0; pass < passes; pass++) {
      runAll(work.objects(), task);
    }
    return System.nanoTime() - began;
  }

  /** One task for each buffer, which works through its objects; so no two share one at a time. */
  private long nanosOfChains(int passes, Task task) throws Exception {
    long began = System.nanoTime();
    runAll(
        work.buffers(),
        first -> {
          for (int i = first; i < work.objects() * passes; i += work.buffers()) {
            task.run(i % work.objects());
          }
        });
    return System.nanoTime() - began;
  }

  private void runAll(int parts, Task part) throws Exception {
    List<Callable<Integer>> tasks = new ArrayList<>();
    for (int i = 0; i < parts; i++) {
      int index = i;
      tasks.add(
          () -> {
            part.run(index);
            return index;
          });
    }
    for (Future<Integer> done : pool.invokeAll(tasks)) {
      try {
        done.get();
      } catch (ExecutionException e) {
        throw new IOException("NIO: " + e.getCause(), e);
      }
    }
  }

  @Override
  public boolean fillsMemory() {
    return true;
  }

  @Override
  public List<Path> files() {
    return IntStream.range(0, work.objects()).mapToObj(this::path).toList();
  }

  @Override
  public void close() {
    pool.shutdown();
  }
}
