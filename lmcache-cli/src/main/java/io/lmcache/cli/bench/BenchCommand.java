// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import picocli.CommandLine.Command;

/** Groups the benchmarks. */
@Command(
    name = "bench",
    description = "Measure a part of the cache.",
    synopsisSubcommandLabel = "COMMAND")
public final class BenchCommand {}
