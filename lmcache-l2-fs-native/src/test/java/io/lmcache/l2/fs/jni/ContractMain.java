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
 * Runs the contract in many configurations: {@code all} or {@code pairwise}, and how much random
 * work is done.
 *
 * <p>In a process of its own, since the contract makes its directories where {@code java.io.tmpdir}
 * says when the JVM starts, and they must be where O_DIRECT works.
 */
final class ContractMain {

  private ContractMain() {}

  public static void main(String[] args) {
    List<ContractCase> cases = args[0].equals("all") ? ContractCase.all() : ContractCase.pairwise();
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    for (ContractCase one : cases) {
      TestExecutionSummary summary = run(one, args[1]);
      Duration took = Duration.ofMillis(summary.getTimeFinished() - summary.getTimeStarted());
      out.printf(
          "CONTRACT found=%d succeeded=%d seconds=%d %s%n",
          summary.getTestsFoundCount(), summary.getTestsSucceededCount(), took.toSeconds(), one);
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
