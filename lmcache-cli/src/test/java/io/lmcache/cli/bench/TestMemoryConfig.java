// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import io.lmcache.spi.ConfigField;

/** The switches of the adapter in memory. */
record TestMemoryConfig(
    @ConfigField(
            name = "place",
            doc = "adapters of one place share their objects; empty: nobody's",
            defaultValue = "")
        String place,
    @ConfigField(name = "fault", doc = "a TestFault; empty: none", defaultValue = "") String fault,
    @ConfigField(
            name = "nth",
            doc = "which call of the faulty operation's keys, from 0; -1: all",
            defaultValue = "-1",
            unit = "keys")
        int nth,
    @ConfigField(
            name = "offset",
            doc = "which byte is corrupted",
            defaultValue = "0",
            min = 0,
            unit = "bytes")
        int offset,
    @ConfigField(
            name = "trace",
            doc = "a file to write to at the first store, and NAME.closed at close",
            defaultValue = "")
        String trace,
    @ConfigField(
            name = "base_path",
            doc = "a directory to tell of, in which nothing is kept",
            defaultValue = "")
        String basePath,
    @ConfigField(
            name = "odirect",
            doc = "what to tell of direct I/O; if anything, then it is counted too",
            defaultValue = "")
        String odirect,
    @ConfigField(
            name = "password",
            doc = "not to be shown",
            defaultValue = "hunter2",
            secret = true)
        String password) {}
