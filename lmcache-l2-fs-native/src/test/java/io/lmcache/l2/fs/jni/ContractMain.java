// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * Runs the contract in many configurations: {@code all} or {@code pairwise}, how much random work
 * is done, in how many processes the configurations are run, and which of them this one is.
 *
 * <p>In a process of its own, since the contract makes its directories where {@code java.io.tmpdir}
 * says when the JVM starts, and they must be where O_DIRECT works.
 */
final class ContractMain {

  private ContractMain() {}

  public static void main(String[] args) {
    List<ContractCase> cases = args[0].equals("all") ? ContractCase.all() : ContractCase.pairwise();
    int processes = Integer.parseInt(args[2]);
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    for (int i = Integer.parseInt(args[3]); i < cases.size(); i += processes) {
      TestExecutionSummary summary = run(cases.get(i), args[1]);
      Duration took = Duration.ofMillis(summary.getTimeFinished() - summary.getTimeStarted());
      out.printf(
          "CONTRACT found=%d succeeded=%d direct=%d fell_back=%d seconds=%d %s%n",
          summary.getTestsFoundCount(),
          summary.getTestsSucceededCount(),
          ConfiguredContract.DIRECT.getAndSet(0),
          ConfiguredContract.FELL_BACK.getAndSet(0),
          took.toSeconds(),
          cases.get(i));
      if (summary.getTotalFailureCount() > 0) {
        summary.printFailuresTo(out, 10);
      }
    }
  }

  private static TestExecutionSummary run(ContractCase one, String scale) {
    ConfiguredContract.configuration = one;
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(DiscoverySelectors.selectClass(ConfiguredContract.class))
            .configurationParameter("lmcache.testkit.scale", scale)
            .build();
    LauncherFactory.create().execute(request, listener);
    return listener.getSummary();
  }
}
