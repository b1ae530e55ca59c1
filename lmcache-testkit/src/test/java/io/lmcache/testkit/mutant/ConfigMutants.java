// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.adapter.BlockingStorage;
import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.CloseReport;
import io.lmcache.spi.ConfigField;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2AdapterFactory;
import io.lmcache.spi.L2ConfigException;
import io.lmcache.spi.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.locks.LockSupport;

/** Factories and configurations that are not as they should be. */
final class ConfigMutants {

  private ConfigMutants() {}

  static List<Mutant> all() {
    return List.of(
        ofNames("an alias that is the type of another adapter", "memory"),
        ofNames("an alias that is the type", ReferenceFactory.TYPE),
        ofNames("an alias with a capital", "Reference2"),
        ofNames("a name that ServiceLoader does not find", "reference-unknown"),
        ofConfig("a field without documentation", Undocumented.class),
        ofConfig("a field without annotation", Unannotated.class),
        ofConfig("a field called like a common one", Common.class),
        ofConfig("two fields of one name", Twice.class),
        ofConfig("a field with a capital", Capital.class),
        anotherConfigurationIsACast(),
        doesNotSayWhereItStands(),
        leavesAThreadOfTheAttempt(),
        oneStorageForAll(),
        oneCloseForAll());
  }

  private static Mutant ofNames(String fault, String alias) {
    return new Mutant("CONFIG-1", fault) {
      @Override
      L2AdapterFactory factory() {
        return new ReferenceFactory(this) {
          @Override
          public List<String> aliases() {
            return List.of(alias);
          }
        };
      }
    };
  }

  private record Undocumented(@ConfigField(name = "directory", doc = " ") Path directory) {}

  private record Unannotated(Path directory) {}

  private record Common(@ConfigField(name = "shared", doc = "whether it is") boolean shared) {}

  private record Twice(
      @ConfigField(name = "size", doc = "how much") int size,
      @ConfigField(name = "size", doc = "how many") int count) {}

  private record Capital(@ConfigField(name = "numWorkers", doc = "how many") int workers) {}

  private static Mutant ofConfig(String fault, Class<? extends Record> config) {
    return new Mutant("CONFIG-2", fault) {
      @Override
      L2AdapterFactory factory() {
        return new ReferenceFactory(this) {
          @Override
          public Class<? extends Record> configType() {
            return config;
          }
        };
      }
    };
  }

  /** A factory that does something of its own with the record of another adapter. */
  private abstract static class Foreign extends Mutant {

    Foreign(String fault) {
      super("CONFIG-3", fault);
    }

    abstract L2Adapter refuse(L2ConfigException problem, L2AdapterContext context)
        throws L2ConfigException;

    @Override
    L2AdapterFactory factory() {
      return new ReferenceFactory(this) {
        @Override
        public L2Adapter open(AdapterSpec spec, L2AdapterContext context)
            throws L2ConfigException, IOException {
          try {
            return super.open(spec, context);
          } catch (L2ConfigException e) {
            return refuse(e, context);
          }
        }
      };
    }
  }

  private static Mutant anotherConfigurationIsACast() {
    return new Foreign("throws a ClassCastException for another configuration") {
      @Override
      L2Adapter refuse(L2ConfigException problem, L2AdapterContext context) {
        throw new ClassCastException("not a ReferenceConfig");
      }
    };
  }

  private static Mutant doesNotSayWhereItStands() {
    return new Foreign("does not say where the configuration stands") {
      @Override
      L2Adapter refuse(L2ConfigException problem, L2AdapterContext context)
          throws L2ConfigException {
        throw new L2ConfigException(new Problem("configuration", "", "is not mine"));
      }
    };
  }

  private static Mutant leavesAThreadOfTheAttempt() {
    return new Foreign("leaves a thread of an attempt to open") {
      @Override
      L2Adapter refuse(L2ConfigException problem, L2AdapterContext context)
          throws L2ConfigException {
        // Longer than any patience with mutants, and not for ever.
        context.threads().newThread(() -> LockSupport.parkNanos(8_000_000_000L)).start();
        throw problem;
      }
    };
  }

  private static Mutant oneStorageForAll() {
    return new Mutant("CONFIG-4", "a second adapter works on the storage of the first") {
      private final Deque<BlockingStorage> open = new ConcurrentLinkedDeque<>();

      @Override
      BlockingStorage storage(BlockingStorage storage) {
        BlockingStorage first = open.peekFirst();
        BlockingStorage used =
            new ForwardingStorage(first == null ? storage : first) {
              @Override
              public void close() throws IOException {
                open.remove(this);
                super.close();
              }
            };
        open.add(used);
        return used;
      }
    };
  }

  private static Mutant oneCloseForAll() {
    return new Mutant("CONFIG-4", "the close of one adapter closes the others") {
      private final Set<L2Adapter> open = ConcurrentHashMap.newKeySet();

      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        open.add(adapter);
        return new ForwardingAdapter(adapter) {
          @Override
          public CloseReport close(Duration bound) {
            open.remove(adapter);
            open.forEach(other -> other.close(bound));
            open.clear();
            return super.close(bound);
          }
        };
      }
    };
  }
}
