// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.adapter.StoredObject;
import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2AdapterFactory;
import io.lmcache.spi.L2ConfigException;
import io.lmcache.spi.ListRequest;
import io.lmcache.testkit.ReferenceStorage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What an examination does besides looking. */
final class ExaminationMutants {

  private ExaminationMutants() {}

  static List<Mutant> all() {
    return List.of(
        new OfExamination("removes what is there where persist_enabled is false") {
          @Override
          void examined(Path directory, L2AdapterContext context) throws IOException {
            if (!context.common().persistEnabled()) {
              empty(directory);
            }
          }
        },
        new OfExamination("leaves a file in a directory that it examines") {
          @Override
          void examined(Path directory, L2AdapterContext context) throws IOException {
            Files.write(directory.resolve("lock"), new byte[1]);
          }
        },
        new OfExamination("cannot examine what is not empty") {
          @Override
          void examined(Path directory, L2AdapterContext context) throws IOException {
            if (ReferenceStorage.in(directory, Set.of()).page(FIRST).entries().size() > 0) {
              throw new IOException("in use");
            }
          }
        },
        hasOtherLimits());
  }

  private static void empty(Path directory) throws IOException {
    ReferenceStorage storage = ReferenceStorage.in(directory, Set.of());
    List<StoredObject> all = new ArrayList<>();
    storage.forEach(all::add);
    all.forEach(object -> storage.remove(object.key()));
  }

  /** Does something when it is opened for an examination. */
  private abstract static class OfExamination extends Mutant {

    static final ListRequest FIRST = ListRequest.first(1);

    OfExamination(String fault) {
      super("EXAMINE-1", fault);
    }

    abstract void examined(Path directory, L2AdapterContext context) throws IOException;

    @Override
    L2AdapterFactory factory() {
      return new ReferenceFactory(this) {
        @Override
        public L2Adapter open(AdapterSpec spec, L2AdapterContext context)
            throws L2ConfigException, IOException {
          if (context.examination()) {
            examined(spec.bind(ReferenceConfig.class).directory(), context);
          }
          return super.open(spec, context);
        }
      };
    }
  }

  private static Mutant hasOtherLimits() {
    return new Mutant("EXAMINE-1", "has the default limits when it is examined") {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new ForwardingAdapter(adapter) {
          @Override
          public AdapterLimits limits() {
            return context.examination() ? AdapterLimits.DEFAULT : super.limits();
          }
        };
      }
    };
  }
}
