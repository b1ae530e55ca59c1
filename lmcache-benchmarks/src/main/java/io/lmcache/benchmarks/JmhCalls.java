// SPDX-License-Identifier: Apache-2.0
package io.lmcache.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What JMH times: one call. Not final, since JMH extends it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class JmhCalls {

  /** Where; the directory is made, and removed afterwards. */
  @Param("")
  public String directory = "";

  /** Whether lookups ask the file system. */
  @Param("true")
  public boolean shared;

  /** How many threads do I/O. */
  @Param("4")
  public int workers;

  /** How many keys a call has. */
  @Param("1")
  public int batch;

  /** How many objects there are. */
  @Param("4096")
  public int keys;

  /** How long they are. */
  @Param("4096")
  public int objectBytes;

  private @Nullable AdapterCalls calls;

  /** Stores the objects. */
  @Setup(Level.Trial)
  public void open() throws IOException {
    Path path = Files.createDirectories(Path.of(directory));
    calls = AdapterCalls.open(path, shared, workers, batch, keys, objectBytes);
  }

  /** Compares what was loaded, and removes them. */
  @TearDown(Level.Trial)
  public void close() throws IOException {
    try (AdapterCalls done = Objects.requireNonNull(calls)) {
      done.verify(batch);
    }
    Scratch.remove(Path.of(directory));
  }

  /** A lookup. */
  @Benchmark
  public int lookup() {
    return Objects.requireNonNull(calls).lookUp();
  }

  /** A load. */
  @Benchmark
  public int load() {
    return Objects.requireNonNull(calls).load();
  }
}
