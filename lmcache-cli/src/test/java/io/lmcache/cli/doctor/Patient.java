// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.doctor;

import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.AdapterStatus;
import io.lmcache.spi.Health;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** What one adapter of the type {@code test_patient} says, and what the doctor did with it. */
final class Patient {

  private static final Map<String, Patient> NAMED = new ConcurrentHashMap<>();
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final String name = "patient-" + NUMBER.incrementAndGet();
  private final Map<String, String> details = new LinkedHashMap<>();

  final List<String> calls = new CopyOnWriteArrayList<>();
  AdapterLimits limits = AdapterLimits.DEFAULT;
  Health health = Health.OK;
  String reason = "";
  boolean statusThrows;
  Optional<Exception> openFails = Optional.empty();

  Patient() {
    NAMED.put(name, this);
  }

  static Patient named(String name) {
    return Objects.requireNonNull(NAMED.get(name), name);
  }

  Patient detail(String key, String value) {
    details.put(key, value);
    return this;
  }

  Patient aligned(int memory, int length) {
    AdapterLimits all = AdapterLimits.DEFAULT;
    limits =
        new AdapterLimits(
            1 << 30, all.maxKeysPerRequest(), all.maxKeyBytes(), memory, length, all.declined());
    return this;
  }

  Patient openFails(Exception failure) {
    openFails = Optional.of(failure);
    return this;
  }

  AdapterStatus status() {
    if (statusThrows) {
      throw new IllegalStateException("no idea");
    }
    return new AdapterStatus(health, reason, 0, List.of(), List.of(), details);
  }

  /** What to give to {@code --l2-adapter}. */
  String json() {
    return "{\"type\": \"test_patient\", \"name\": \"" + name + "\"}";
  }
}
