// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2AdapterFactory;
import io.lmcache.spi.L2ConfigException;
import io.lmcache.spi.ListRequest;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** What a close leaves behind. */
final class LeftBehindMutants {

  private LeftBehindMutants() {}

  static List<Mutant> all() {
    return List.of(aThreadOfAWalk(), aThreadOfItsOwn(), aDescriptorOfAWalk());
  }

  /** Takes something for a walk that is begun, and gives it back when the walk is at its end. */
  private abstract static class Walks extends ForwardingAdapter {

    Walks(L2Adapter sound) {
      super(sound);
    }

    abstract void begun();

    abstract void ended();

    @Override
    public CompletionStage<KeyPage> list(ListRequest request) {
      return super.list(request)
          .thenApply(
              page -> {
                if (page.nextCursor() == null) {
                  ended();
                } else if (request.cursor() == null) {
                  begun();
                }
                return page;
              });
    }
  }

  private static Mutant aThreadOfAWalk() {
    return new Mutant("CLEAN-1", "leaks a thread of each walk that is given up") {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new Walks(adapter) {
          private final Semaphore ends = new Semaphore(0);

          @Override
          void begun() {
            context.threads().newThread(() -> live(ends)).start();
          }

          @Override
          void ended() {
            ends.release();
          }
        };
      }
    };
  }

  /** Like the thread of a native library that has no name: called as the one that started it. */
  private static Mutant aThreadOfItsOwn() {
    return new Mutant("CLEAN-1", "leaks a thread of its own, called as the JVM's main thread") {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new Walks(adapter) {
          private final Semaphore ends = new Semaphore(0);

          @Override
          void begun() {
            Thread thread = new Thread(() -> live(ends), "java");
            thread.setDaemon(true);
            thread.start();
          }

          @Override
          void ended() {
            ends.release();
          }
        };
      }
    };
  }

  private static void live(Semaphore ends) {
    try {
      ends.tryAcquire(Closings.LONG.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Mutant aDescriptorOfAWalk() {
    return new Mutant("CLEAN-2", "leaks a descriptor of each walk that is given up") {
      @Override
      L2AdapterFactory factory() {
        return new ReferenceFactory(this) {
          @Override
          public L2Adapter open(AdapterSpec spec, L2AdapterContext context)
              throws L2ConfigException, IOException {
            Path directory = spec.bind(ReferenceConfig.class).directory();
            return leaking(super.open(spec, context), directory);
          }
        };
      }
    };
  }

  @SuppressWarnings("StreamResourceLeak") // It is the leak.
  private static L2Adapter leaking(L2Adapter sound, Path directory) {
    return new Walks(sound) {
      private final Deque<DirectoryStream<Path>> streams = new ConcurrentLinkedDeque<>();

      @Override
      void begun() {
        Closings.unchecked(() -> streams.add(Files.newDirectoryStream(directory)));
      }

      @Override
      void ended() {
        DirectoryStream<Path> stream = streams.poll();
        if (stream != null) {
          Closings.unchecked(stream::close);
        }
      }
    };
  }
}
