// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.lmcache.adapter.StorageException;
import io.lmcache.l2.fs.ObjectAttribute;
import io.lmcache.l2.fs.ObjectDirectory;
import io.lmcache.l2.fs.ObjectFileNames;
import io.lmcache.l2.fs.RemovalLimit;
import io.lmcache.l2.fs.UseOdirect;
import io.lmcache.spi.CommonConfig;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** One storage that is open, and what is done to its files behind its back. For one thread. */
final class StorageFixture implements AutoCloseable {

  final Path base;
  final WatchedCalls calls;
  final FsJavaStorage storage;

  StorageFixture(FsJavaConfig config) throws IOException {
    this(config, calls -> {});
  }

  /** The same where something happens already while it is opened. */
  StorageFixture(FsJavaConfig config, Consumer<WatchedCalls> before) throws IOException {
    base = config.basePath();
    calls = new WatchedCalls(base);
    before.accept(calls);
    storage =
        FsJavaAdapterFactory.openStorage(
            ObjectDirectory.open(config.directoryOptions(CommonConfig.DEFAULT)),
            config,
            "test",
            calls,
            false);
    calls.take();
  }

  /** The same where the file system can do less than it can. */
  StorageFixture(FsJavaConfig config, FileSystemFeatures features) throws IOException {
    base = config.basePath();
    calls = new WatchedCalls(base);
    Counters counters = new Counters();
    ObjectDirectory directory = ObjectDirectory.open(config.directoryOptions(CommonConfig.DEFAULT));
    StagingNames names = new StagingNames(directory.staging(), directory.stagingPrefix());
    DirectIo buffered = DirectIo.open(UseOdirect.OFF, names, calls, counters, "test", false);
    RemovalLimit limit = new RemovalLimit(System::nanoTime);
    storage =
        new FsJavaStorage(directory, config, features, calls, names, buffered, counters, limit);
  }

  /** The file of a key, where there are no sub-directories. */
  Path file(ObjectKey key) throws Exception {
    return base.resolve(ObjectFileNames.encode(key));
  }

  MemoryObject load(ObjectKey key, MemoryObject into, int version) throws IOException {
    assertThat(storage.get(key, into)).isEqualTo(LoadOutcome.LOADED);
    TestObjects.assertHolds(into, key, version);
    return into;
  }

  static L2Error errorOf(ThrowingCallable call) {
    StorageException e = catchThrowableOfType(StorageException.class, call);
    assertThat(e).as("the storage refuses").isNotNull();
    return e.error();
  }

  String detail(String name) {
    assertThat(storage.details()).containsKey(name);
    return String.valueOf(storage.details().get(name));
  }

  /** All names below the base that are not the format's own. */
  List<String> files() throws IOException {
    try (Stream<Path> files = Files.walk(base)) {
      return files
          .filter(file -> !Files.isDirectory(file))
          .map(file -> base.relativize(file).toString())
          .filter(name -> !name.startsWith(".lmcache/"))
          .sorted()
          .toList();
    }
  }

  static UserDefinedFileAttributeView attributes(Path file) {
    return Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
  }

  static ObjectAttribute attribute(Path file) throws IOException {
    ByteBuffer raw = ByteBuffer.allocate(ObjectAttribute.BYTES);
    attributes(file).read(ObjectAttribute.NAME, raw);
    return ((ObjectAttribute.State.Present) ObjectAttribute.read(raw.array())).attribute();
  }

  @Override
  public void close() throws IOException {
    storage.close();
  }
}
