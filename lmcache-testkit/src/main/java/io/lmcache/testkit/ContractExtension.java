// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/**
 * Opens an adapter for each test of the contract, and cleans up after it with {@link CleanUp}. A
 * test that an adapter holds up for ever, in a call that must not wait, is ended by {@link
 * Watchdog}.
 */
final class ContractExtension
    implements BeforeEachCallback, AfterEachCallback, InvocationInterceptor, ParameterResolver {

  private static final Namespace NAMESPACE = Namespace.create(ContractExtension.class);

  private record Run(Path home, CleanUp cleanUp, AdapterUnderTest adapter) {}

  @Override
  public void beforeEach(ExtensionContext context) throws Exception {
    L2AdapterContract contract =
        context
            .getRequiredTestInstances()
            .findInstance(L2AdapterContract.class)
            .orElseThrow(() -> new IllegalStateException("not inside of an L2AdapterContract"));
    Settings settings = Settings.from(context::getConfigurationParameter);
    Path home = Files.createTempDirectory("lmcache contract ").toRealPath();
    Path directory = Files.createDirectory(home.resolve("storage"));
    CleanUp cleanUp = new CleanUp(home, settings.patience());
    String model = "contract-" + UUID.randomUUID().toString().substring(0, 13);
    try {
      AdapterUnderTest adapter = new AdapterUnderTest(contract, settings, directory, model);
      context.getStore(NAMESPACE).put(Run.class, new Run(home, cleanUp, adapter));
    } catch (Exception | Error e) {
      delete(home);
      throw e;
    }
  }

  @Override
  public void interceptTestMethod(
      Invocation<@Nullable Void> test,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    AdapterUnderTest adapter = run(context).adapter;
    try (Watchdog watchdog = new Watchdog(adapter)) {
      watchdog.guard(test::proceed);
    }
  }

  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    Run run = context.getStore(NAMESPACE).remove(Run.class, Run.class);
    if (run == null) {
      return;
    }
    List<AdapterUnderTest> adapters = new ArrayList<>(run.adapter.siblings());
    adapters.add(run.adapter);
    List<String> wrong = run.cleanUp.check(adapters);
    delete(run.home);
    if (!wrong.isEmpty()) {
      throw new AssertionError(String.join("\n", wrong));
    }
  }

  private static void delete(Path home) throws IOException {
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(home)) {
      paths = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : paths) {
      Files.deleteIfExists(path);
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == AdapterUnderTest.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return run(context).adapter;
  }

  private static Run run(ExtensionContext context) {
    Run run = context.getStore(NAMESPACE).get(Run.class, Run.class);
    return Objects.requireNonNull(run, "beforeEach has made it");
  }
}
