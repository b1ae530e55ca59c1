// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.doctor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lmcache.cli.Cli;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs the command where, beside the usual types, patients can be found. */
final class Clinic {

  private final Path directory;
  private final List<String> providers =
      new ArrayList<>(List.of(PatientFactory.class.getName(), AbsentFactory.class.getName()));

  Clinic(Path directory) {
    this.directory = directory;
  }

  Clinic provider(String className) {
    providers.add(className);
    return this;
  }

  /** {@code lmcache doctor} with a flag for each patient, and more flags. */
  Cli.Result run(List<Patient> patients, String... more) {
    List<String> args = new ArrayList<>(List.of("doctor"));
    patients.forEach(patient -> args.addAll(List.of("--l2-adapter", patient.json())));
    args.addAll(List.of(more));
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    try {
      Path descriptor =
          Files.createDirectories(directory.resolve("META-INF/services"))
              .resolve("io.lmcache.spi.L2AdapterFactory");
      Files.write(descriptor, providers);
      try (URLClassLoader loader =
          new URLClassLoader(new URL[] {directory.toUri().toURL()}, before)) {
        Thread.currentThread().setContextClassLoader(loader);
        return new Cli().run(args.toArray(String[]::new));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      Thread.currentThread().setContextClassLoader(before);
    }
  }

  /** The same with {@code --format json}, read. */
  static JsonNode json(Cli.Result result) {
    try {
      return new ObjectMapper().readTree(result.out());
    } catch (JsonProcessingException e) {
      throw new AssertionError(result.toString(), e);
    }
  }

  static List<String> names(JsonNode node) {
    List<String> names = new ArrayList<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }
}
