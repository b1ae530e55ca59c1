// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;

/** Reports names that no field has: a misspelt option must not be a silently ignored one. */
public final class UnknownFields {

  private UnknownFields() {}

  /**
   * Reports each.
   *
   * @param own the object's fields
   * @param common fields that it has because every adapter has them; also {@code type}
   */
  public static void report(ObjectNode object, List<String> own, List<String> common, Place place) {
    List<String> known = new ArrayList<>(own);
    known.addAll(common);
    Iterator<String> names = object.fieldNames();
    while (names.hasNext()) {
      String name = names.next();
      if (known.contains(name)) {
        continue;
      }
      String message = "unknown field " + Text.quoted(place.under(name));
      String near =
          Nearest.of(name, known)
              .map(field -> "; did you mean \"" + place.under(field) + "\"?")
              .orElseGet(() -> "; known fields: " + listed(own, common));
      place.objectProblem(message + near);
    }
  }

  private static String listed(List<String> own, List<String> common) {
    String all = own.isEmpty() ? "none of its own" : String.join(", ", own);
    String shared =
        common.stream().filter(name -> !name.equals("type")).collect(Collectors.joining(", "));
    return shared.isEmpty() ? all : all + "; of every adapter: type, " + shared;
  }
}
