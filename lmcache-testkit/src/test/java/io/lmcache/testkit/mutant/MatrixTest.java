// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.platform.engine.TestExecutionResult;
import org.opentest4j.AssertionFailedError;

/**
 * Proves the contract: the reference adapter passes all of it, and of each mutant the rule that it
 * names finds it, with a message that names the key or a figure. With {@code -Psoak} the whole
 * contract runs against each mutant, and the matrix shows which other rules find it.
 *
 * <p>A rule without test, a test without rule and a rule without mutant fail here.
 */
final class MatrixTest {

  private static final int PATIENCE_OF_THE_SOUND = 60;
  private static final int PATIENCE_WITH_MUTANTS = 3;
  private static final int ATTEMPTS = 5;
  private static final boolean WHOLE = Boolean.getBoolean("lmcache.soak");
  private static final Matrix MATRIX = new Matrix();

  /** How the model names of all keys of the contract's tests begin. */
  private static final String MODEL = "contract-";

  /** Lines of a stack trace; rule ids; names such as L2Error or Key@1f3a; the patience. */
  private static final Pattern NOISE =
      Pattern.compile(
          "(?m)^\\s+at .*$|\\b[A-Z]+-\\d+\\b|\\b0x[0-9a-f]+|\\b[A-Za-z_$][\\w$]*(@[0-9a-f]+)?"
              + "|\\b\\d+ s\\b|\\.java:\\d+");

  private static final Pattern FIGURE = Pattern.compile("\\d");

  @Test
  void everyRuleHasTestsAndMutantsAndEveryTestHasRules() throws IOException {
    Set<String> rules = Rules.inTheText();
    assertThat(rules).as("rules of the contract").hasSizeGreaterThan(50);
    assertThat(new TreeSet<>(Rules.ofTests().values().stream().flatMap(List::stream).toList()))
        .as("rules that tests name, and rules of docs/contract.md")
        .isEqualTo(rules);
    assertThat(Rules.ofTests())
        .as("tests that name no rule")
        .allSatisfy((test, named) -> assertThat(named).as(test).isNotEmpty());
    assertThat(new TreeSet<>(Mutants.all().stream().map(Mutant::rule).toList()))
        .as("rules that mutants break, and rules of docs/contract.md")
        .isEqualTo(rules);
    assertThat(Mutants.all().size()).as("mutants").isGreaterThanOrEqualTo(30);
    assertThat(Mutants.all().stream().map(Mutant::toString)).doesNotHaveDuplicates();
  }

  @Test
  void theMatrixInTheDocumentationNamesTheseMutants() throws IOException {
    Path text =
        Path.of(System.getProperty("lmcache.contract", "../docs/contract.md"))
            .resolveSibling("contract-matrix.md");
    List<String> rows =
        Files.readAllLines(text).stream().filter(line -> line.startsWith("| ")).skip(1).toList();
    assertThat(rows)
        .as("rows of %s; a run with -Psoak writes a new one to target", text)
        .hasSameSizeAs(Mutants.all());
    for (Mutant mutant : Mutants.all()) {
      assertThat(rows).anyMatch(row -> row.startsWith(Matrix.beginOfRow(mutant)));
    }
  }

  @Test
  void theReferencePassesEverything() {
    List<ContractRun.Outcome> outcomes = ContractRun.of(Mutant.NONE, PATIENCE_OF_THE_SOUND);
    assertThat(outcomes).as("tests that ran").hasSize(Rules.ofTests().size());
    for (ContractRun.Outcome outcome : outcomes) {
      assertThat(outcome.status())
          .as("%s: %s", outcome.name(), outcome.message())
          .isEqualTo(TestExecutionResult.Status.SUCCESSFUL);
    }
  }

  @TestFactory
  Stream<DynamicTest> eachMutantIsFoundByItsRule() {
    String only = System.getProperty("lmcache.mutant", "");
    return Mutants.all().stream()
        .filter(mutant -> mutant.toString().contains(only))
        .map(mutant -> DynamicTest.dynamicTest(mutant.toString(), () -> isFound(mutant)));
  }

  private static void isFound(Mutant mutant) {
    List<ContractRun.Outcome> outcomes =
        WHOLE
            ? ContractRun.of(mutant, PATIENCE_WITH_MUTANTS)
            : ContractRun.ofItsRule(mutant, PATIENCE_WITH_MUTANTS);
    // Races are run at a tenth of the usual work here, so one may need another try to be lost.
    for (int i = 1; i < ATTEMPTS && finds(mutant, outcomes).isEmpty(); i++) {
      outcomes = ContractRun.ofItsRule(mutant, PATIENCE_WITH_MUTANTS);
    }
    MATRIX.add(mutant, outcomes);
    List<ContractRun.Outcome> failed =
        outcomes.stream().filter(ContractRun.Outcome::failed).toList();
    List<ContractRun.Outcome> byItsRule = finds(mutant, outcomes);
    assertThat(byItsRule)
        .as("failed tests of %s for \"%s\"; failed in all: %s", mutant.rule(), mutant, failed)
        .isNotEmpty();
    assertThat(byItsRule)
        .as("failed tests of %s, each with a message that names a key or a figure", mutant.rule())
        .allSatisfy(
            outcome -> assertThat(namesKeyOrFigure(outcome.message())).as("%s", outcome).isTrue());
    assertThat(byItsRule)
        .as("failed tests of %s, each failed by what the mutant does", mutant.rule())
        .allSatisfy(outcome -> assertThat(isAFind(outcome.thrown())).as("%s", outcome).isTrue());
  }

  /** The failed tests of the rule that the mutant breaks. */
  private static List<ContractRun.Outcome> finds(
      Mutant mutant, List<ContractRun.Outcome> outcomes) {
    return outcomes.stream()
        .filter(outcome -> outcome.failed() && outcome.rules().contains(mutant.rule()))
        .toList();
  }

  /**
   * Whether a test failed because of a mutant: by an assertion, or by an exception that the mutant
   * itself throws. Anything else, such as a class that is not there, says nothing about the rule.
   */
  static boolean isAFind(@Nullable Throwable thrown) {
    Set<Throwable> causes = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Throwable cause = thrown; cause != null && causes.add(cause); cause = cause.getCause()) {
      if (cause instanceof LinkageError || cause instanceof VirtualMachineError) {
        return false;
      }
    }
    return thrown instanceof AssertionError
        || (thrown instanceof Exception && isThrownByAMutant(thrown.getStackTrace()));
  }

  private static boolean isThrownByAMutant(StackTraceElement[] stack) {
    return stack.length > 0
        && stack[0].getClassName().startsWith(Mutant.class.getPackageName() + ".");
  }

  @Test
  void onlyAssertionsAndExceptionsOfMutantsAreFinds() {
    assertThat(isAFind(null)).isFalse();
    assertThat(isAFind(new AssertionError("a"))).isTrue();
    assertThat(isAFind(new AssertionFailedError("a", 1, 2))).isTrue();
    assertThat(isAFind(new IllegalStateException("thrown here, among the mutants"))).isTrue();
    assertThat(isAFind(new AssertionError("a", new NoClassDefFoundError("b")))).isFalse();
    assertThat(isAFind(new NoClassDefFoundError("b"))).isFalse();
    Throwable elsewhere = catchThrowable(() -> List.of().get(0));
    assertThat(isAFind(elsewhere)).as("%s", elsewhere).isFalse();
  }

  @Test
  void idsAndPatienceAndClassesAreNoFigures() {
    assertThat(List.of("a load of 1 key", "expected: 3", "key contract-ab of L2Error"))
        .allMatch(MatrixTest::namesKeyOrFigure);
    assertThat(
            List.of(
                "SUBMIT-2: a store has not returned after 3 s",
                "io.lmcache.spi.L2Error@1f3a (StoreRules.java:17)",
                "a Lambda$14/0x00007f",
                "threw\n\tat io.lmcache.Some.method(Some.java:12)"))
        .noneMatch(MatrixTest::namesKeyOrFigure);
  }

  /** Whether a message still names a key or a figure without what always has digits. */
  static boolean namesKeyOrFigure(String message) {
    return message.contains(MODEL) || FIGURE.matcher(NOISE.matcher(message).replaceAll("")).find();
  }

  @AfterAll
  static void writeTheMatrix() throws IOException {
    MATRIX.write(Path.of(System.getProperty("lmcache.matrix", "target/contract-matrix.md")), WHOLE);
  }
}
