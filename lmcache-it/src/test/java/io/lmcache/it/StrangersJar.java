// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/** Compiles a third party's adapter against the packaged SPI alone, and puts it into a jar. */
final class StrangersJar {

  private StrangersJar() {}

  static Path build(Path directory) throws IOException {
    Path source = directory.resolve("StrangerFactory.java");
    try (InputStream in =
        Objects.requireNonNull(
            StrangersJar.class.getResourceAsStream("/stranger/StrangerFactory.java"))) {
      Files.copy(in, source);
    }
    Path classes = Files.createDirectory(directory.resolve("classes"));
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "--release",
                "17",
                "-cp",
                spiJars(),
                "-d",
                classes.toString(),
                source.toString());
    assertThat(status).as("compiles against the SPI alone").isZero();
    Path jar = directory.resolve("stranger adapter.jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
        Stream<Path> files = Files.walk(classes)) {
      out.putNextEntry(new JarEntry("META-INF/services/io.lmcache.spi.L2AdapterFactory"));
      out.write("stranger.StrangerFactory\n".getBytes(StandardCharsets.UTF_8));
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        out.putNextEntry(
            new JarEntry(classes.relativize(file).toString().replace(File.separatorChar, '/')));
        copy(file, out);
      }
    }
    return jar;
  }

  private static void copy(Path file, OutputStream out) throws IOException {
    Files.copy(file, out);
  }

  private static String spiJars() throws IOException {
    try (Stream<Path> jars = Files.list(Programs.LIB)) {
      return String.join(
          File.pathSeparator,
          jars.map(Path::toString)
              .filter(jar -> jar.contains("lmcache-spi") || jar.contains("jspecify"))
              .toList());
    }
  }
}
