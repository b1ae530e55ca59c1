// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

/** Started as a process of its own: loads the library and says from where, or why not. */
final class LoaderProbe {

  private LoaderProbe() {}

  @SuppressWarnings("SystemOut")
  public static void main(String[] args) {
    String failure = NativeLibrary.unavailability().orElse("");
    System.out.println(
        failure.isEmpty()
            ? "loaded " + NativeLibrary.origin() + " " + NativeCalls.errnoName(28)
            : "unavailable " + failure);
  }
}
