// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.Feature;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2AdapterFactory;
import io.lmcache.spi.L2ConfigException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * The contract of an L2 adapter. The test class of an adapter extends it, says how the adapter is
 * configured and what it declines, and has nothing else to do:
 *
 * <pre>{@code
 * final class MyAdapterContractTest extends L2AdapterContract {
 *   @Override
 *   protected AdapterSpec spec(Path directory) {
 *     return AdapterSpec.of("my_adapter", new MyConfig(directory, 4));
 *   }
 * }
 * }</pre>
 *
 * <p>Each test opens the adapter, uses keys under a model name of its own, and closes the adapter.
 * After each test no pin, loan, incomplete stage, thread or descriptor may be left. Tests carry the
 * rules of {@code docs/contract.md} that they check; the end of their Javadoc says what to look at
 * if they fail.
 *
 * <p>An instance is made for each test. Its methods are called by the test's thread.
 */
@ExtendWith(ContractExtension.class)
@Execution(ExecutionMode.SAME_THREAD)
@Isolated("what is left behind is looked for in the whole process")
public abstract class L2AdapterContract {

  /** For subclasses. */
  protected L2AdapterContract() {}

  /**
   * The configuration to test. The same directory must give the same storage, another one another
   * storage.
   *
   * @param directory an empty directory, with a blank in its name, that is deleted after the test;
   *     an adapter that keeps nothing in files may use its name to tell storages apart
   */
  protected abstract AdapterSpec spec(Path directory);

  /** What the adapter declines, the same as its limits say; nothing unless overridden. */
  protected Set<Feature> declines() {
    return Set.of();
  }

  /**
   * Whether the adapter refuses, with MISALIGNED, an object whose buffer ends before the next
   * multiple of its {@code lengthAlignment}, as one does that may only do direct I/O. Unless
   * overridden it takes every object, whatever is behind it.
   */
  protected boolean insistsOnPadding() {
    return false;
  }

  /** Opens the adapter; unless overridden, by the factory that {@code ServiceLoader} finds. */
  protected L2Adapter open(AdapterSpec spec, L2AdapterContext context)
      throws L2ConfigException, IOException {
    return factory(spec).open(spec, context);
  }

  /** The factory of the adapter; unless overridden, the one that {@code ServiceLoader} finds. */
  protected L2AdapterFactory factory(AdapterSpec spec) {
    return Factories.find(spec.type())
        .orElseThrow(
            () ->
                new AssertionError(
                    "CONFIG-1: ServiceLoader finds no factory of type \""
                        + spec.type()
                        + "\"; is it named in META-INF/services/"
                        + L2AdapterFactory.class.getName()
                        + "?"));
  }

  /**
   * How to hold the storage of the adapter that {@link #open} opens, and to let it fail. An adapter
   * that is built on {@code BlockingL2Adapter} needs not override it. For others, null means that
   * the rules about storage that does not answer or fails are not checked, and their tests say so.
   */
  protected @Nullable Stall stall() {
    return null;
  }

  @Nested
  class Submitting extends SubmitRules {}

  @Nested
  class Buffers extends BufferRules {}

  @Nested
  class SizesAndKeys extends SizeRules {}

  @Nested
  class Limits extends LimitRules {}

  @Nested
  class Storing extends StoreRules {}

  @Nested
  class LookingUp extends LookupRules {}

  @Nested
  class Pins extends PinRules {}

  @Nested
  class Loading extends LoadRules {}

  @Nested
  class Deleting extends DeleteRules {}

  @Nested
  class Listing extends ListRules {}

  @Nested
  class Usage extends UsageRules {}

  @Nested
  class Events extends EventRules {}

  @Nested
  class EventBacklog extends EventBacklogRules {}

  @Nested
  class Order extends OrderRules {}

  @Nested
  class Concurrency extends ConcurrencyRules {}

  @Nested
  class Deadlines extends DeadlineRules {}

  @Nested
  class Failures extends FailureRules {}

  @Nested
  class HealthAndFailures extends HealthRules {}

  @Nested
  class Closing extends CloseRules {}

  @Nested
  class HeldClosing extends HeldCloseRules {}

  @Nested
  class Reopening extends ReopenRules {}

  @Nested
  class Examining extends ExaminationRules {}

  @Nested
  class Configuration extends ConfigRules {}
}
