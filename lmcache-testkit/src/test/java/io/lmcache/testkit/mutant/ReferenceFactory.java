// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import com.google.auto.service.AutoService;
import io.lmcache.adapter.BlockingL2Adapter;
import io.lmcache.adapter.BlockingStorage;
import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2AdapterFactory;
import io.lmcache.spi.L2ConfigException;
import io.lmcache.testkit.ReferenceStorage;
import java.io.IOException;
import java.nio.file.Path;

/** Makes the adapter that mutants are made from: sound, and with the one fault of a mutant. */
@AutoService(L2AdapterFactory.class)
public class ReferenceFactory implements L2AdapterFactory {

  static final String TYPE = "reference";
  private static final int WORKERS = 4;

  private final Mutant mutant;

  /** The sound one. */
  public ReferenceFactory() {
    this(Mutant.NONE);
  }

  ReferenceFactory(Mutant mutant) {
    this.mutant = mutant;
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public Class<? extends Record> configType() {
    return ReferenceConfig.class;
  }

  @Override
  public L2Adapter open(AdapterSpec spec, L2AdapterContext context)
      throws L2ConfigException, IOException {
    Path directory = spec.bind(ReferenceConfig.class).directory();
    BlockingStorage storage = mutant.storage(ReferenceStorage.in(directory, mutant.declines()));
    L2Adapter sound = BlockingL2Adapter.open(storage, WORKERS, 0, mutant.context(context));
    return mutant.adapter(sound, context);
  }
}
