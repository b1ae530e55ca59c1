// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli;

import picocli.CommandLine.IVersionProvider;

/** Names the product's version, which the build writes into the jar's manifest, and Java's. */
public final class ProductVersion implements IVersionProvider {

  @Override
  public String[] getVersion() {
    return new String[] {"lmcache " + product() + " (java " + Runtime.version() + ")"};
  }

  /** The product's alone. */
  public static String product() {
    String version = ProductVersion.class.getPackage().getImplementationVersion();
    return version == null ? "development build" : version;
  }
}
