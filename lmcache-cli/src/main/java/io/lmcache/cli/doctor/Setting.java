// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.doctor;

import io.lmcache.spi.AdapterStatus;
import java.util.List;
import java.util.Optional;

/**
 * A setting whose effect depends on the machine, read from a detail of an {@link AdapterStatus}:
 * {@code requested=VALUE effective=true|false}, other words, and {@code reason=} with everything
 * that follows.
 *
 * @param name the detail's name
 * @param requested what the configuration says
 * @param effective whether it is so; empty if nothing was asked for
 * @param reason why not; empty if that is not said
 */
record Setting(
    String name, String requested, Optional<Boolean> effective, Optional<String> reason) {

  private static final String REQUESTED = "requested=";
  private static final String EFFECTIVE = "effective=";
  private static final String REASON = " reason=";

  /** Every detail that is such a setting, in the order of the details. */
  static List<Setting> all(AdapterStatus status) {
    return status.details().entrySet().stream()
        .flatMap(detail -> of(detail.getKey(), detail.getValue()).stream())
        .toList();
  }

  /** The setting that a detail describes, if it describes one. */
  static Optional<Setting> of(String name, String detail) {
    if (!detail.startsWith(REQUESTED)) {
      return Optional.empty();
    }
    int end = detail.indexOf(REASON);
    String head = end < 0 ? detail : detail.substring(0, end);
    List<String> words = List.of(head.split(" ", -1));
    return Optional.of(
        new Setting(
            name,
            words.get(0).substring(REQUESTED.length()),
            words.stream()
                .filter(word -> word.equals(EFFECTIVE + true) || word.equals(EFFECTIVE + false))
                .map(word -> word.equals(EFFECTIVE + true))
                .findFirst(),
            end < 0 ? Optional.empty() : Optional.of(detail.substring(end + REASON.length()))));
  }

  /** Whether it was asked for and is not so. */
  boolean missed() {
    return effective.isPresent() && !effective.get();
  }

  /** Why it is not effective, in words. */
  String why() {
    return reason.orElse("the adapter does not say why");
  }
}
