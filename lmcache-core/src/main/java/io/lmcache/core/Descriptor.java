// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core;

import io.lmcache.spi.L2AdapterFactory;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URL;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * One descriptor file, as far as it could be read. {@link java.util.ServiceLoader} reads them too,
 * but does not say which jar a provider that failed came from, and drops a file as a whole when one
 * line of it is bad.
 *
 * @param url where it is
 * @param names the classes it names; lines that are no class name are left out
 */
record Descriptor(URL url, List<String> names) {

  static final String RESOURCE = "META-INF/services/" + L2AdapterFactory.class.getName();

  static Descriptor read(URL url) throws IOException {
    List<String> names = new ArrayList<>();
    URLConnection connection = url.openConnection();
    // A cached jar would stay open, and could not be replaced on some systems.
    connection.setUseCaches(false);
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        int comment = line.indexOf('#');
        String name = (comment < 0 ? line : line.substring(0, comment)).trim();
        if (isClassName(name)) {
          names.add(name);
        }
      }
    }
    return new Descriptor(url, List.copyOf(names));
  }

  private static boolean isClassName(String name) {
    return !name.isEmpty()
        && Character.isJavaIdentifierStart(name.codePointAt(0))
        && name.codePoints().allMatch(c -> c == '.' || Character.isJavaIdentifierPart(c));
  }

  Origin origin() {
    return Origin.ofResource(url, RESOURCE);
  }
}
