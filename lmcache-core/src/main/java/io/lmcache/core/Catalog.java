// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core;

import com.fasterxml.jackson.databind.JsonNode;
import io.lmcache.core.config.Nearest;
import io.lmcache.core.config.Place;
import io.lmcache.core.config.Text;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Providers by name, and what to say when a name is nobody's or of two. Immutable. */
final class Catalog {

  private static final int LONGEST_CAUSE = 160;

  private final List<Provider> providers;
  private final Map<String, List<Provider>> byName = new TreeMap<>();
  private final List<BrokenProvider> broken;
  private final int descriptorFiles;

  Catalog(ProviderScan scan) {
    providers =
        scan.providers().stream()
            .sorted(Comparator.comparing(Provider::type).thenComparing(Provider::className))
            .toList();
    broken = scan.broken();
    descriptorFiles = scan.descriptorFiles();
    for (Provider provider : providers) {
      for (String name : provider.names()) {
        byName.computeIfAbsent(name, key -> new ArrayList<>()).add(provider);
      }
    }
  }

  List<Provider> providers() {
    return providers;
  }

  List<BrokenProvider> broken() {
    return broken;
  }

  int descriptorFiles() {
    return descriptorFiles;
  }

  /**
   * The provider of a {@code type} field.
   *
   * @throws NotFound if there is not exactly one; its text says why
   */
  Provider find(@Nullable JsonNode type) throws NotFound {
    if (type == null) {
      throw new NotFound("type", "is missing; " + knownTypes());
    }
    if (!type.isTextual()) {
      throw new NotFound("type", "must be a string, got " + Place.shown(type));
    }
    if (type.textValue().isEmpty()) {
      throw new NotFound("type", "must not be empty; " + knownTypes());
    }
    return find(type.textValue());
  }

  /** The provider of a type or alias. */
  Provider find(String name) throws NotFound {
    List<Provider> owners = byName.getOrDefault(name, List.of());
    if (owners.isEmpty()) {
      throw new NotFound("", unknown(name));
    }
    if (owners.size() > 1) {
      throw new NotFound("", conflictText(name, owners));
    }
    return owners.get(0);
  }

  /** Which names of a provider others claim too. */
  Optional<String> conflict(Provider provider) {
    String conflicts =
        provider.names().stream()
            .filter(name -> byName.getOrDefault(name, List.of()).size() > 1)
            .map(name -> conflictText(name, byName.getOrDefault(name, List.of())))
            .collect(Collectors.joining("; "));
    return conflicts.isEmpty() ? Optional.empty() : Optional.of(conflicts);
  }

  private static String conflictText(String name, List<Provider> owners) {
    return owners.stream()
        .map(Provider::inFull)
        .collect(
            Collectors.joining(
                " and ",
                "type \"" + name + "\" has " + owners.size() + " providers: ",
                "; take all but one off the class path"));
  }

  private String unknown(String name) {
    Optional<String> near = Nearest.of(name, byName.keySet());
    StringBuilder text = new StringBuilder("unknown type ").append(Text.quoted(name)).append("; ");
    near.ifPresent(nearest -> text.append("did you mean \"").append(nearest).append("\"? "));
    text.append(knownTypes()).append("; ").append(files());
    // Two descriptor files that meet in one jar without being merged leave only one of them.
    if (descriptorFiles == 0 || providers.isEmpty() || (descriptorFiles == 1 && near.isEmpty())) {
      text.append(
          "; adapters are lost when jars are merged into one without merging their "
              + Descriptor.RESOURCE);
    }
    if (!broken.isEmpty()) {
      text.append("; broken providers: ");
      text.append(
          broken.stream()
              .map(provider -> Text.oneLine(provider.toString(), LONGEST_CAUSE))
              .collect(Collectors.joining("; ")));
    }
    return text.toString();
  }

  private String knownTypes() {
    return providers.isEmpty()
        ? "no types are known"
        : providers.stream()
            .map(Catalog::withAliases)
            .distinct()
            .collect(Collectors.joining(", ", "known types: ", ""));
  }

  private static String withAliases(Provider provider) {
    return provider.aliases().isEmpty()
        ? provider.type()
        : provider.type() + " (also " + String.join(", ", provider.aliases()) + ")";
  }

  private String files() {
    return descriptorFiles
        + (descriptorFiles == 1 ? " descriptor file" : " descriptor files")
        + " seen";
  }

  /** A type that cannot be used: field and message of the problem. */
  static final class NotFound extends Exception {
    private static final long serialVersionUID = 1L;

    private final String field;
    private final String text;

    NotFound(String field, String text) {
      super(text);
      this.field = field;
      this.text = text;
    }

    String field() {
      return field;
    }

    String text() {
      return text;
    }
  }
}
