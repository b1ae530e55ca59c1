// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The script at the top of the checkout, with a Maven and a Java that only take notes. */
@EnabledOnOs(OS.LINUX)
final class LauncherTest {

  @TempDir private Path home;

  private FakeCheckout checkout;

  @BeforeEach
  void checkOut() throws Exception {
    checkout = new FakeCheckout(home, "a checkout");
  }

  private void build() throws Exception {
    assertThat(checkout.run().code()).isZero();
    Files.delete(checkout.mavenCalls());
    checkout.age();
  }

  @Test
  void buildsWhatIsNotBuiltAndThenRuns() throws Exception {
    Cli.Result result = checkout.run("adapters", "--format", "a  b", "*");

    assertThat(result.code()).as(result.err()).isZero();
    assertThat(checkout.builds())
        .containsExactly("-B -ntp -DskipTests package -pl lmcache-cli -am");
    Path log = checkout.root.resolve("target/build.log");
    assertThat(result.errLines()).containsExactly("lmcache: building, log in " + log);
    assertThat(log).hasContent("built");
    List<String> arguments = result.out().lines().toList();
    assertThat(arguments.subList(arguments.indexOf("-cp"), arguments.size()))
        .containsExactly(
            "-cp",
            checkout.root.resolve(FakeCheckout.dist()) + "/*",
            "io.lmcache.cli.Main",
            "adapters",
            "--format",
            "a  b",
            "*");
    assertThat(arguments)
        .contains("-Dlmcache.stderr.tty=false")
        .anyMatch(argument -> argument.matches("-XX:MaxDirectMemorySize=[1-9][0-9]*k"))
        .doesNotContain("--enable-native-access=ALL-UNNAMED");
  }

  @Test
  void runsWhatIsFresh() throws Exception {
    build();
    Cli.Result result = checkout.run("x");

    assertThat(result.code()).isZero();
    assertThat(result.err()).isEmpty();
    assertThat(checkout.builds()).isEmpty();
  }

  @Test
  void aJreIsEnoughForWhatIsFresh() throws Exception {
    build();
    checkout.without("javac", "mvn", "g++", "flock");

    assertThat(checkout.run("x").code()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "lmcache-core/src/main/java/A.java",
    "lmcache-cli/pom.xml",
    "pom.xml",
    "lmcache-core/src/main/cpp/new/file.cc"
  })
  void buildsAgainWhenASourceIsNewer(String file) throws Exception {
    build();
    Files.createDirectories(checkout.root.resolve(file).getParent());
    Files.writeString(checkout.root.resolve(file), "new");

    assertThat(checkout.run().code()).isZero();
    assertThat(checkout.builds()).hasSize(1);
    checkout.run();
    assertThat(checkout.builds()).hasSize(1);
  }

  @Test
  void buildsAgainWhenASourceIsGone() throws Exception {
    build();
    Files.delete(checkout.source);

    checkout.run();
    assertThat(checkout.builds()).hasSize(1);
  }

  @Test
  void buildsAgainWhenTheJarsAreGone() throws Exception {
    build();
    Files.delete(checkout.root.resolve(FakeCheckout.dist()).resolve("new.jar"));

    checkout.run();
    assertThat(checkout.builds()).hasSize(1);
  }

  @Test
  void testsAreNoSources() throws Exception {
    Files.createDirectories(checkout.root.resolve("lmcache-core/src/test"));
    build();
    Files.writeString(checkout.root.resolve("lmcache-core/src/test/T.java"), "new");

    checkout.run();
    assertThat(checkout.builds()).isEmpty();
  }

  @Test
  void whatIsEditedDuringABuildIsBuiltNextTime() throws Exception {
    checkout.tool(
        "mvn",
        checkout.maven(
            "mkdir -p "
                + FakeCheckout.dist()
                + "; : > "
                + FakeCheckout.dist()
                + "/new.jar; while [ ! -e '"
                + home
                + "/go' ]; do sleep 0.01; done"));
    try (ChildProcess first = checkout.start(checkout.launcher)) {
      first.await(() -> Files.exists(checkout.mavenCalls()));
      Files.setLastModifiedTime(checkout.source, FileTime.from(Instant.now().plusMillis(1)));
      Files.createFile(home.resolve("go"));
      assertThat(first.exitCode()).isZero();
    }

    checkout.run();
    assertThat(checkout.builds()).hasSize(2);
  }

  @Test
  void aFailedBuildShowsTheEndOfItsLogAndRunsNothing() throws Exception {
    checkout.tool("mvn", checkout.maven("for i in {1..40}; do echo \"line $i\"; done; exit 1"));
    Cli.Result result = checkout.run("x");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.out()).isEmpty();
    assertThat(result.errLines()).contains("line 16", "line 40").doesNotContain("line 15");
    assertThat(result.err()).contains("the build failed").doesNotContain("apt-get");
    checkout.run("x");
    assertThat(checkout.builds()).hasSize(2);
  }

  @Test
  void aFailedBuildOverAGoodOneIsNotRunEither() throws Exception {
    build();
    Files.writeString(checkout.source, "new");
    checkout.tool("mvn", checkout.maven("exit 1"));

    assertThat(checkout.run().code()).isEqualTo(1);
    assertThat(checkout.run().code()).isEqualTo(1);
  }

  @Test
  void namesThePackagesOfAllMissingToolsInOneLine() throws Exception {
    checkout.without("mvn", "javac", "g++", "make", "cmake");
    Cli.Result result = checkout.run();

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.errLines())
        .containsExactly(
            "lmcache: cannot build, this is missing: apt-get install openjdk-17-jdk-headless maven"
                + " g++ make cmake",
            "lmcache: to build without the C++ half (and without fs_native):"
                + " LMCACHE_BUILD_ARGS=-Dnative.skip");
  }

  @Test
  void namesTheCompilerWhenTheBuildFailedWithoutIt() throws Exception {
    checkout.without("g++", "cmake");
    checkout.tool("mvn", checkout.maven("echo 'No CMAKE_CXX_COMPILER'; exit 1"));
    Cli.Result result = checkout.run();

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err())
        .contains("this is missing: apt-get install g++ cmake\n")
        .contains("LMCACHE_BUILD_ARGS=-Dnative.skip");
  }

  @Test
  void namesGoogleTestWhenTheLogDoes() throws Exception {
    checkout.tool("mvn", checkout.maven("echo 'package libgtest-dev not found'; exit 1"));

    assertThat(checkout.run().err()).contains("apt-get install libgtest-dev\n");
  }

  @Test
  void anOldJdkIsAsGoodAsNone() throws Exception {
    Files.writeString(home.resolve("jdk/release"), "JAVA_VERSION=\"1.8.0_392\"\n");
    checkout.tool("mvn", checkout.maven("exit 1"));

    assertThat(checkout.run().err()).contains("apt-get install openjdk-17-jdk-headless\n");
  }

  @Test
  void anOldJavaCannotRun() throws Exception {
    build();
    Files.delete(home.resolve("jdk/release"));
    checkout.tool("java", "echo 'openjdk version \"11.0.2\" 2019-01-15' >&2");
    Cli.Result result = checkout.run();

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("is Java 11, 17 or newer is needed");
  }

  @Test
  void aNewJavaIsAllowedToLoadLibraries() throws Exception {
    Files.writeString(home.resolve("jdk/release"), "JAVA_VERSION=\"24.0.1\"\n");

    assertThat(checkout.run().out().lines()).contains("--enable-native-access=ALL-UNNAMED");
  }

  @Test
  void passesOptionsOn() throws Exception {
    checkout
        .with("LMCACHE_BUILD_ARGS", "-Dnative.skip -o")
        .with("LMCACHE_JAVA_OPTS", "-Xmx1g -Da=b")
        .with("LMCACHE_CLASSPATH", "/opt/my jars/*");
    Cli.Result result = checkout.run("x");

    assertThat(checkout.builds())
        .containsExactly("-B -ntp -DskipTests package -pl lmcache-cli -am -Dnative.skip -o");
    assertThat(result.out().lines())
        .containsSubsequence("-Xmx1g", "-Da=b", "-cp")
        .contains(checkout.root.resolve(FakeCheckout.dist()) + "/*:/opt/my jars/*");
  }

  @Test
  void usesJavaHome() throws Exception {
    Path jdk = Files.createDirectories(home.resolve("another jdk/bin"));
    for (String tool : List.of("java", "javac")) {
      Files.writeString(jdk.resolve(tool), "#!/bin/bash\necho another\n");
      assertThat(jdk.resolve(tool).toFile().setExecutable(true)).isTrue();
    }
    Files.writeString(jdk.resolveSibling("release"), "JAVA_VERSION=\"21\"\n");

    assertThat(checkout.with("JAVA_HOME", home.resolve("another jdk").toString()).run().out())
        .isEqualTo("another\n");
    assertThat(checkout.with("JAVA_HOME", "/nowhere").run().err())
        .contains("there is no java in JAVA_HOME=/nowhere");
  }

  @Test
  void isFoundThroughSymbolicLinks() throws Exception {
    Path bin = Files.createDirectories(home.resolve("bin dir"));
    Path absolute = Files.createSymbolicLink(bin.resolve("one"), checkout.launcher);
    Path relative = Files.createSymbolicLink(bin.resolve("two"), Path.of("one"));
    Path chain = Files.createSymbolicLink(home.resolve("three"), Path.of("bin dir/two"));

    for (Path link : List.of(absolute, relative, chain)) {
      assertThat(checkout.run(link).out()).contains(checkout.root + "/lmcache-cli/target");
    }
    assertThat(checkout.builds()).hasSize(1);
  }

  @Test
  void twoAtOnceBuildOnce() throws Exception {
    checkout.tool(
        "mvn",
        checkout.maven(
            "while [ ! -e '"
                + home
                + "/go' ]; do sleep 0.01; done; mkdir -p "
                + FakeCheckout.dist()
                + "; : > "
                + FakeCheckout.dist()
                + "/new.jar"));
    try (ChildProcess first = checkout.start(checkout.launcher)) {
      first.await(() -> Files.exists(checkout.mavenCalls()));
      try (ChildProcess second = checkout.start(checkout.launcher)) {
        second.await(() -> second.err().contains("another build is running, waiting for it"));
        Files.createFile(home.resolve("go"));

        assertThat(first.exitCode()).isZero();
        assertThat(second.exitCode()).isZero();
        assertThat(second.err().lines()).hasSize(1);
      }
    }
    assertThat(checkout.builds()).hasSize(1);
  }

  @Test
  void theJavaProcessHoldsNoLock() throws Exception {
    checkout.tool("java", "[ ! -e /proc/self/fd/9 ] && echo free");

    assertThat(checkout.run().out()).isEqualTo("free\n");
  }

  @Test
  void withoutFlockItBuildsAndSaysSo() throws Exception {
    checkout.without("flock");
    Cli.Result result = checkout.run();

    assertThat(result.code()).isZero();
    assertThat(result.err()).contains("there is no flock here");
    assertThat(checkout.builds()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"INT,130", "TERM,143"})
  void aSignalEndsTheBuildAndTheNextCallBuildsAgain(String signal, int code) throws Exception {
    checkout.tool("mvn", checkout.maven("echo $$ > '" + home + "/maven.pid'; exec sleep 1000"));
    try (ChildProcess child = checkout.start(checkout.launcher)) {
      child.await(() -> Files.exists(checkout.mavenCalls()));
      child.signal(signal);

      assertThat(child.exitCode()).isEqualTo(code);
      assertThat(child.err()).contains("build interrupted");
      assertThat(checkout.stamp).doesNotExist();
    }
    checkout.tool(
        "mvn",
        checkout.maven(
            "mkdir -p " + FakeCheckout.dist() + "; : > " + FakeCheckout.dist() + "/a.jar"));

    assertThat(checkout.run().code()).isZero();
    assertThat(checkout.builds()).hasSize(2);
  }

  @Test
  void signalsReachTheJavaProcess() throws Exception {
    build();
    checkout.tool(
        "java",
        "echo $$ > '"
            + home
            + "/java.pid'; trap 'exit 42' INT\n"
            + "echo ready; while :; do sleep 0.01; done");
    try (ChildProcess child = checkout.start(checkout.launcher)) {
      child.await(() -> child.out().contains("ready"));
      child.signal("INT");

      assertThat(child.exitCode()).isEqualTo(42);
    }
  }
}
