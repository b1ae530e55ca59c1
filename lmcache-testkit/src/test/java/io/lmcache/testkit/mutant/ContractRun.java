// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.testkit.ReferenceStorage;
import io.lmcache.testkit.Rule;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.PostDiscoveryFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs the contract against one mutant, in this JVM, and says what became of each test. */
final class ContractRun {

  private static volatile Mutant current = Mutant.NONE;

  /**
   * One test of the contract.
   *
   * @param name class and method
   * @param rules what it checks
   * @param status how it ended
   * @param thrown what it threw; null if it succeeded
   */
  record Outcome(
      String name,
      List<String> rules,
      TestExecutionResult.Status status,
      @Nullable Throwable thrown) {

    boolean failed() {
      return status == TestExecutionResult.Status.FAILED;
    }

    /** Why it did not succeed; empty if it did. */
    String message() {
      if (thrown == null) {
        return "";
      }
      return thrown instanceof AssertionError
          ? String.valueOf(thrown.getMessage())
          : thrown.toString();
    }

    @Override
    public String toString() {
      return name + " " + rules + ": " + message();
    }
  }

  private ContractRun() {}

  static Mutant current() {
    return current;
  }

  /** The whole contract. */
  static List<Outcome> of(Mutant mutant, int patienceSeconds) {
    return run(mutant, patienceSeconds, method -> true);
  }

  /** The tests of the rule that the mutant breaks. */
  static List<Outcome> ofItsRule(Mutant mutant, int patienceSeconds) {
    return run(mutant, patienceSeconds, method -> rules(method).contains(mutant.rule()));
  }

  private static List<Outcome> run(Mutant mutant, int patienceSeconds, Predicate<Method> tests) {
    current = mutant;
    PostDiscoveryFilter filter =
        test ->
            FilterResult.includedIf(
                !(test.getSource().orElse(null) instanceof MethodSource source)
                    || tests.test(source.getJavaMethod()));
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(DiscoverySelectors.selectClass(MutantContract.class))
            .configurationParameter("lmcache.testkit.patience", Integer.toString(patienceSeconds))
            .configurationParameter("lmcache.testkit.scale", "0")
            .filters(filter)
            .build();
    List<Outcome> outcomes = new ArrayList<>();
    try {
      LauncherFactory.create().execute(request, collectInto(outcomes));
    } finally {
      current = Mutant.NONE;
      ReferenceStorage.forgetAll();
    }
    return outcomes;
  }

  private static TestExecutionListener collectInto(List<Outcome> outcomes) {
    return new TestExecutionListener() {
      @Override
      public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        Optional<Method> method =
            test.getSource()
                .filter(MethodSource.class::isInstance)
                .map(source -> ((MethodSource) source).getJavaMethod());
        if (method.isPresent()) {
          outcomes.add(outcome(method.get(), result));
        } else if (result.getThrowable().isPresent()) {
          throw new IllegalStateException("the run itself failed", result.getThrowable().get());
        }
      }
    };
  }

  private static Outcome outcome(Method method, TestExecutionResult result) {
    return new Outcome(
        method.getDeclaringClass().getSimpleName() + "." + method.getName(),
        rules(method),
        result.getStatus(),
        result.getThrowable().orElse(null));
  }

  private static List<String> rules(Method method) {
    Rule rule = method.getAnnotation(Rule.class);
    return rule == null ? List.of() : List.of(rule.value());
  }
}
