// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2AdapterFactory;
import io.lmcache.spi.L2ConfigException;
import io.lmcache.spi.Problems;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Makes adapters of the type {@code test_memory}. */
public final class TestMemoryFactory implements L2AdapterFactory {

  @Override
  public String type() {
    return "test_memory";
  }

  @Override
  public List<String> aliases() {
    return List.of("test_mem");
  }

  @Override
  public Class<? extends Record> configType() {
    return TestMemoryConfig.class;
  }

  @Override
  public L2Adapter open(AdapterSpec spec, L2AdapterContext context)
      throws L2ConfigException, IOException {
    TestMemoryConfig config = spec.bind(TestMemoryConfig.class);
    TestFault fault = TestFault.of(config.fault());
    if (fault == TestFault.OPEN_FAILS) {
      throw new IOException("/nowhere: no such directory");
    }
    if (fault == TestFault.OPEN_REFUSES) {
      Problems problems = new Problems(spec.where());
      problems.add("place", "must be better");
      problems.add("offset", "must be rounder");
      problems.throwIfAny();
    }
    if (fault == TestFault.OPEN_WAITS) {
      Files.createFile(Path.of(config.trace()));
      try (InputStream pipe = Files.newInputStream(Path.of(config.trace() + ".pipe"))) {
        pipe.readAllBytes();
      }
    }
    return new TestMemoryAdapter(config, fault, TestPlace.named(config.place()));
  }
}
