// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The file system, with all that is done written down: staging files are called {@code staged},
 * other files {@code object}, directories by their path below the base. One kind of call can be
 * made to fail, after it was done or instead. For any thread.
 */
final class WatchedCalls implements FileCalls {

  private final Path base;
  private final List<String> seen = new ArrayList<>();
  private @Nullable String failing;
  private @Nullable IOException failure;
  private int skip;
  private int left;

  WatchedCalls(Path base) {
    this.base = base.toAbsolutePath().normalize();
  }

  /** What was done since the last call. */
  synchronized List<String> take() {
    List<String> taken = List.copyOf(seen);
    seen.clear();
    return taken;
  }

  /** Lets calls fail whose description begins so, until told otherwise. */
  synchronized void fail(String beginning, IOException with) {
    fail(beginning, 0, Integer.MAX_VALUE, with);
  }

  /** Lets so many such calls fail, after so many that do not. */
  synchronized void fail(String beginning, int after, int calls, IOException with) {
    failing = beginning;
    failure = with;
    skip = after;
    left = calls;
  }

  /** Whether calls are still to fail. */
  synchronized boolean isFailing() {
    return failing != null;
  }

  /** The same for the next such call only. */
  synchronized void failOnce(String beginning, IOException with) {
    fail(beginning, 0, 1, with);
  }

  synchronized void failNothing() {
    failing = null;
    failure = null;
  }

  synchronized void happens(String what) throws IOException {
    seen.add(what);
    mayFail(what);
  }

  /** Of calls that are not written down. */
  private synchronized void mayFail(String what) throws IOException {
    IOException thrown = failure;
    if (failing == null || thrown == null || !what.startsWith(failing)) {
      return;
    }
    if (skip > 0) {
      skip--;
      return;
    }
    left--;
    if (left == 0) {
      failNothing();
    }
    throw thrown;
  }

  private String name(Path path) {
    String file = String.valueOf(path.getFileName());
    if (file.startsWith(".lmc-")) {
      return "staged";
    }
    return file.endsWith(".data") ? "object" : "/" + base.relativize(path);
  }

  @Override
  public FileChannel open(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    String how = options.contains(StandardOpenOption.CREATE_NEW) ? "create " : "open ";
    String direct = options.contains(ExtendedOpenOption.DIRECT) ? " direct" : "";
    FileChannel channel = FileChannel.open(path, options, attributes);
    try {
      happens(how + name(path) + direct);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    return new WatchedChannel(this, channel, name(path));
  }

  @Override
  public void publish(Path staged, Path target) throws IOException {
    happens("publish " + name(target));
    FileCalls.SYSTEM.publish(staged, target);
  }

  @Override
  public UserDefinedFileAttributeView userAttributes(Path path) {
    UserDefinedFileAttributeView view = FileCalls.SYSTEM.userAttributes(path);
    return new UserDefinedFileAttributeView() {
      @Override
      public String name() {
        return view.name();
      }

      @Override
      public List<String> list() throws IOException {
        return view.list();
      }

      @Override
      public int size(String name) throws IOException {
        return view.size(name);
      }

      @Override
      public int read(String name, ByteBuffer to) throws IOException {
        mayFail("get " + name);
        return view.read(name, to);
      }

      @Override
      public int write(String name, ByteBuffer from) throws IOException {
        happens("set " + name);
        return view.write(name, from);
      }

      @Override
      public void delete(String name) throws IOException {
        view.delete(name);
      }
    };
  }
}
