// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.Problem;
import io.lmcache.spi.Problems;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where in a configuration a value stands. Whatever is wrong with the value is reported here, so
 * that one class decides how messages look and that no secret is ever part of one. For one thread.
 */
public final class Place {

  private final String where;
  private final String path;
  private final boolean secret;
  private final boolean required;
  private final Problems problems;
  private final NestedAdapters adapters;

  private Place(
      String where,
      String path,
      boolean secret,
      boolean required,
      Problems problems,
      NestedAdapters adapters) {
    this.where = where;
    this.path = path;
    this.secret = secret;
    this.required = required;
    this.problems = problems;
    this.adapters = adapters;
  }

  /** The object that messages call {@code where}. */
  public static Place of(String where, NestedAdapters adapters) {
    return new Place(where, "", false, false, new Problems(where), adapters);
  }

  /** Everything reported so far, here and in whatever is inside. */
  public List<Problem> found() {
    return problems.found();
  }

  Place field(String name, boolean isSecret, boolean isRequired) {
    return new Place(where, under(name), secret || isSecret, isRequired, problems, adapters);
  }

  Place element(int index) {
    return new Place(where, path + "[" + index + "]", secret, false, problems, adapters);
  }

  String where() {
    return where;
  }

  boolean isRequired() {
    return required;
  }

  /** The path of something inside of this place. */
  String under(String name) {
    return path.isEmpty() || name.isEmpty() ? path + name : path + "." + name;
  }

  /** Reports; the message holds nothing of the value. */
  void problem(String message) {
    problems.add(path, message);
  }

  /** Reports about the object that this place is in, not about a field. */
  void objectProblem(String message) {
    problems.add("", message);
  }

  /** Reports a value of a wrong kind. */
  void unfit(String expected, JsonNode got) {
    String omit = got.isNull() && !required ? "; omit the field instead" : "";
    String shown = secret ? kind(got) : shown(got);
    problems.add(path, "must be " + expected + ", got " + shown + omit);
  }

  /** Reports a value of the right kind that is not allowed. */
  void refused(String rule, String got) {
    problems.add(path, rule + (secret ? " (the value is not shown)" : ", got " + got));
  }

  /**
   * Takes over what an adapter's own check found.
   *
   * @param sound whether it saw the fields as they will be; otherwise what it says of those that
   *     will change, or of all together, may not be so
   */
  void adopt(List<Problem> found, boolean sound) {
    List<Problem> told = found();
    for (Problem problem : found) {
      if (!problem.where().equals(where)) {
        problems.addAll(List.of(problem));
      } else if (sound || isNews(under(problem.field()), told)) {
        problems.add(under(problem.field()), problem.message());
      }
    }
  }

  private boolean isNews(String field, List<Problem> told) {
    return !field.equals(path)
        && told.stream()
            .filter(problem -> problem.where().equals(where))
            .map(Problem::field)
            .noneMatch(other -> isInside(other, field) || isInside(field, other));
  }

  private static boolean isInside(String field, String outer) {
    return field.equals(outer) || field.startsWith(outer + ".") || field.startsWith(outer + "[");
  }

  @Nullable AdapterSpec adapter(ObjectNode object) {
    return adapters.read(where + ": " + path, object, problems);
  }

  /** A value as messages show it. */
  public static String shown(JsonNode node) {
    if (node.isTextual()) {
      return Text.quoted(node.textValue());
    }
    return node.isContainerNode() ? kind(node) : Text.oneLine(node.asText(), 40);
  }

  /** What kind of value it is, in words. */
  static String kind(JsonNode node) {
    return switch (node.getNodeType()) {
      case OBJECT -> "an object";
      case ARRAY -> "a list";
      case STRING -> "a string";
      case NUMBER -> "a number";
      case BOOLEAN -> "a boolean";
      default -> "null";
    };
  }
}
