// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.l2.fs.UseOdirect;
import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2ConfigException;
import io.lmcache.testkit.L2AdapterContract;
import io.lmcache.testkit.Stall;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The contract of {@code fs_native} in one configuration, see {@link ContractMain}; nothing is
 * declined. What the adapters say about direct I/O is added up when they are closed.
 */
final class ConfiguredContract extends L2AdapterContract {

  static volatile ContractCase configuration = ContractCase.all().get(0);

  /** Objects that went past the page cache, and those that should have and did not. */
  static final AtomicLong DIRECT = new AtomicLong();

  static final AtomicLong FELL_BACK = new AtomicLong();

  @Override
  protected AdapterSpec spec(Path directory) {
    return configuration.spec(directory);
  }

  @Override
  protected boolean insistsOnPadding() {
    return configuration.direct() == UseOdirect.REQUIRE;
  }

  @Override
  protected L2Adapter open(AdapterSpec spec, L2AdapterContext context)
      throws L2ConfigException, IOException {
    NativeLibrary.ensure();
    // The way past the page cache is taken also where the file system caches nevertheless.
    NativeSeam.setResidentPages(0);
    return countedAtClose(super.open(spec, context));
  }

  private static L2Adapter countedAtClose(L2Adapter adapter) {
    AtomicBoolean open = new AtomicBoolean(true);
    return (L2Adapter)
        Proxy.newProxyInstance(
            L2Adapter.class.getClassLoader(),
            new Class<?>[] {L2Adapter.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("close") && open.getAndSet(false)) {
                DIRECT.addAndGet(sum(adapter, "direct_stores", "direct_loads"));
                FELL_BACK.addAndGet(
                    sum(
                        adapter,
                        "odirect_fallback_length",
                        "odirect_fallback_fs",
                        "odirect_fallback_errno"));
              }
              try {
                return method.invoke(adapter, arguments);
              } catch (InvocationTargetException e) {
                throw e.getTargetException();
              }
            });
  }

  private static long sum(L2Adapter adapter, String... counters) {
    return List.of(counters).stream().mapToLong(name -> FieldEffects.counter(adapter, name)).sum();
  }

  @Override
  protected Stall stall() {
    return new SeamStall();
  }
}
