// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.INTERFACES;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaModifier.FINAL;
import static com.tngtech.archunit.core.domain.JavaModifier.NATIVE;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.concurrent.ThreadFactory;

/** The few rules that keep the modules apart. */
@AnalyzeClasses(packages = "io.lmcache", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {

  private static final String CORE = "io.lmcache.core..";
  private static final String CLI = "io.lmcache.cli..";
  private static final String FSCK = "io.lmcache.cli.fsck..";
  private static final String TESTKIT = "io.lmcache.testkit..";
  private static final String[] ADAPTERS = {"io.lmcache.adapter..", "io.lmcache.l2..", TESTKIT};

  @ArchTest
  static final ArchRule spiStandsAlone =
      classes()
          .that()
          .resideInAPackage("io.lmcache.spi..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("io.lmcache.spi..", "java..", "org.jspecify..");

  @ArchTest
  static final ArchRule spiOffersNothingToExtendByAccident =
      classes()
          .that()
          .resideInAPackage("io.lmcache.spi..")
          .and()
          .arePublic()
          .and(not(INTERFACES))
          .should()
          .haveModifier(FINAL);

  @ArchTest
  static final ArchRule adaptersDoNotKnowTheCore =
      noClasses()
          .that()
          .resideInAnyPackage(ADAPTERS)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(CORE, CLI);

  @ArchTest
  static final ArchRule coreKnowsNoAdapter =
      noClasses()
          .that()
          .resideInAnyPackage(CORE, CLI)
          .and()
          .resideOutsideOfPackage(FSCK)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(ADAPTERS);

  /** A directory is checked without an adapter, by what all file adapters share. */
  @ArchTest
  static final ArchRule fsckKnowsTheDirectoryFormatAndNoAdapter =
      noClasses()
          .that()
          .resideInAPackage(FSCK)
          .should()
          .dependOnClassesThat(
              resideInAnyPackage(ADAPTERS).and(not(resideInAPackage("io.lmcache.l2.fs"))));

  @ArchTest
  static final ArchRule testFrameworksStayInTheTestkit =
      noClasses()
          .that()
          .resideOutsideOfPackage(TESTKIT)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.junit..", "org.assertj..", TESTKIT);

  @ArchTest
  static final ArchRule jacksonStaysInCoreAndCommand =
      noClasses()
          .that()
          .resideOutsideOfPackages(CORE, CLI)
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.fasterxml..");

  @ArchTest
  static final ArchRule librariesAreSilent =
      noClasses()
          .that()
          .resideOutsideOfPackage(CLI)
          .should()
          .accessField(System.class, "out")
          .orShould()
          .accessField(System.class, "err")
          .orShould()
          .callMethod(Throwable.class, "printStackTrace");

  @ArchTest
  static final ArchRule onlyMainEndsTheProcess =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("io.lmcache.cli.Main")
          .should()
          .callMethod(System.class, "exit", int.class);

  @ArchTest
  static final ArchRule nativeMethodsHaveTwoDoors =
      methods()
          .that()
          .haveModifier(NATIVE)
          .should()
          .beDeclaredInClassesThat()
          .haveFullyQualifiedName("io.lmcache.l2.fs.jni.NativeCalls")
          .orShould()
          .beDeclaredInClassesThat()
          .haveFullyQualifiedName("io.lmcache.core.memory.LinuxCalls");

  @ArchTest
  static final ArchRule threadsComeFromFactories =
      noClasses()
          .that()
          .resideOutsideOfPackages(CLI, TESTKIT)
          .and(not(isThreadFactory()))
          // Has one that never runs, to ask whether others than the caller may use some memory.
          .and()
          .doNotHaveFullyQualifiedName("io.lmcache.spi.ArenaMemory$Handles")
          .should()
          .callConstructorWhere(
              DescribedPredicate.describe(
                  "it makes a Thread", call -> call.getTargetOwner().isAssignableTo(Thread.class)));

  private static DescribedPredicate<JavaClass> isThreadFactory() {
    return DescribedPredicate.describe(
        "are thread factories", type -> type.isAssignableTo(ThreadFactory.class));
  }
}
