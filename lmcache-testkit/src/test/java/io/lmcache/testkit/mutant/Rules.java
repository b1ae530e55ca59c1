// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.testkit.L2AdapterContract;
import io.lmcache.testkit.Rule;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The rules of the text, and those that the tests name. */
final class Rules {

  private static final Pattern ROW = Pattern.compile("^\\| ([A-Z]+-\\d+) \\| \\S");

  private Rules() {}

  /** The ids in docs/contract.md. */
  static Set<String> inTheText() throws IOException {
    Path text = Path.of(System.getProperty("lmcache.contract", "../docs/contract.md"));
    Set<String> rules = new TreeSet<>();
    for (String line : Files.readAllLines(text)) {
      Matcher row = ROW.matcher(line);
      if (row.find() && !rules.add(row.group(1))) {
        throw new AssertionError("the rule " + row.group(1) + " is in " + text + " twice");
      }
    }
    return rules;
  }

  /** The tests of the contract and the rules that each names. */
  static Map<String, List<String>> ofTests() {
    Map<String, List<String>> tests = new TreeMap<>();
    for (Class<?> group : L2AdapterContract.class.getDeclaredClasses()) {
      if (group.isAnnotationPresent(Nested.class)) {
        for (Method method : group.getSuperclass().getDeclaredMethods()) {
          if (method.isAnnotationPresent(Test.class)) {
            Rule rule = method.getAnnotation(Rule.class);
            tests.put(
                group.getSuperclass().getSimpleName() + "." + method.getName(),
                rule == null ? List.of() : List.of(rule.value()));
          }
        }
      }
    }
    return tests;
  }
}
