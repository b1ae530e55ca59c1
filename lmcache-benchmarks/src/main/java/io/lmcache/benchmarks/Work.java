// SPDX-License-Identifier: Apache-2.0
package io.lmcache.benchmarks;

import java.nio.file.Path;
import java.util.List;

/**
 * What every side of a comparison does.
 *
 * @param directory where; empty, and the side's own
 * @param workers how many threads do I/O
 * @param direct whether past the page cache
 * @param objects how many objects, a multiple of {@code buffers}
 * @param objectBytes how long each of them is
 * @param buffers how many of them are in memory, and under way, at the same time: object i uses
 *     buffer i modulo this
 */
record Work(
    Path directory, int workers, boolean direct, int objects, int objectBytes, int buffers) {

  long bytes() {
    return (long) objects * objectBytes;
  }

  /** One side; not safe for use by several threads. */
  interface Side extends AutoCloseable {

    /** Stores all objects; returns the nanoseconds that it took. */
    long store(Memory from) throws Exception;

    /** Loads all objects so many times; returns the nanoseconds that it took. */
    long load(Memory into, int passes) throws Exception;

    /** Whether {@link #load} leaves the objects in the memory that it is given. */
    boolean fillsMemory();

    /** The files of the objects. */
    List<Path> files() throws Exception;

    @Override
    void close();
  }
}
