// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.l2.fs.UseOdirect;
import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2ConfigException;
import io.lmcache.testkit.L2AdapterContract;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/**
 * The contract of {@code fs_java} with direct I/O. Each adapter must say that it is effective:
 * otherwise this would be the contract of the page cache once more.
 */
abstract class DirectContract extends L2AdapterContract {

  private final UseOdirect wanted;

  DirectContract(UseOdirect wanted) {
    this.wanted = wanted;
  }

  @BeforeAll
  static void needsDirect(@TempDir Path directory) throws IOException {
    DirectProbe.Result here =
        DirectProbe.probe(new StagingNames(directory, ".lmc-x-"), FileCalls.SYSTEM);
    Needs.that(here.proven(), "no direct I/O at " + directory + ": " + here.reason());
  }

  @Override
  protected AdapterSpec spec(Path directory) {
    return AdapterSpec.of("fs_java", configs(directory).useOdirect(wanted).make());
  }

  Configs configs(Path directory) {
    return Configs.in(directory);
  }

  @Override
  protected L2Adapter open(AdapterSpec spec, L2AdapterContext context)
      throws L2ConfigException, IOException {
    L2Adapter adapter = super.open(spec, context);
    assertThat(adapter.status().details().get("odirect"))
        .startsWith("requested=" + wanted.requested() + " effective=true");
    return adapter;
  }
}
