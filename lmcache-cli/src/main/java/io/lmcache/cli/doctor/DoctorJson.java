// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.doctor;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lmcache.cli.Json;
import io.lmcache.core.BrokenProvider;
import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.Feature;
import java.util.Locale;
import java.util.Optional;

/** The report for programs. What is not there is null; lists are there even if empty. */
final class DoctorJson {

  private DoctorJson() {}

  static String text(DoctorReport report) {
    ObjectNode document = Json.object();
    document.put("version", report.version());
    java(document.putObject("jdk"), report.java());
    ArrayNode providers = document.putArray("providers");
    report.providers().forEach(provider -> provider(providers.addObject(), provider));
    ArrayNode broken = document.putArray("broken");
    for (BrokenProvider provider : report.broken()) {
      broken
          .addObject()
          .put("provider", provider.provider())
          .put("jar", provider.jar())
          .put("cause", provider.cause());
    }
    document.put("l1_align_bytes", report.alignment());
    ArrayNode adapters = document.putArray("adapters");
    report.adapters().forEach(adapter -> adapter(adapters.addObject(), adapter));
    ArrayNode problems = document.putArray("problems");
    for (Finding finding : report.findings()) {
      problems
          .addObject()
          .put("adapter", finding.adapter())
          .put("subject", finding.subject())
          .put("reason", finding.reason());
    }
    return Json.text(document);
  }

  private static void java(ObjectNode node, JavaFacts java) {
    node.put("version", java.version());
    node.put("vendor", java.vendor());
    node.put("java_home", java.home());
    node.put("os", java.os());
    node.put("arch", java.arch());
    node.put("libc", java.libc().orElse(null));
    node.put("native_access", java.nativeAccess().orElse(true));
  }

  private static void provider(ObjectNode node, DoctorReport.Provider provider) {
    node.put("type", provider.description().type());
    node.put("available", provider.unavailability().isEmpty());
    node.put("unavailability", provider.unavailability().orElse(null));
    node.put("conflict", provider.description().conflict().orElse(null));
    node.put("class", provider.description().className());
    node.put("jar", provider.description().jar());
  }

  private static void adapter(ObjectNode node, AdapterReport adapter) {
    node.put("adapter", adapter.where());
    node.put("type", adapter.type());
    node.put("opened", adapter.opened().isPresent());
    ArrayNode failures = node.putArray("failures");
    adapter.failures().forEach(failures::add);
    Optional<AdapterReport.Opened> opened = adapter.opened();
    if (opened.isEmpty()) {
      node.putNull("health").putNull("health_reason").putNull("limits");
      node.putObject("details");
      node.putArray("settings");
      node.putArray("object_sizes");
      return;
    }
    AdapterReport.Opened facts = opened.get();
    node.put("health", facts.status().health().name().toLowerCase(Locale.ROOT));
    node.put("health_reason", facts.status().reason());
    limits(node.putObject("limits"), facts.limits());
    ObjectNode details = node.putObject("details");
    facts.status().details().forEach(details::put);
    ArrayNode settings = node.putArray("settings");
    for (Setting setting : facts.settings()) {
      settings
          .addObject()
          .put("name", setting.name())
          .put("requested", setting.requested())
          .put("effective", setting.effective().orElse(null))
          .put("reason", setting.reason().orElse(null));
    }
    ArrayNode sizes = node.putArray("object_sizes");
    facts.sizes().forEach(size -> size(sizes.addObject(), size));
  }

  private static void limits(ObjectNode node, AdapterLimits limits) {
    node.put("max_object_bytes", limits.maxObjectBytes());
    node.put("max_keys_per_request", limits.maxKeysPerRequest());
    node.put("max_key_bytes", limits.maxKeyBytes());
    node.put("memory_alignment", limits.memoryAlignment());
    node.put("length_alignment", limits.lengthAlignment());
    ArrayNode declined = node.putArray("declined");
    limits.declined().stream()
        .sorted()
        .map(Feature::name)
        .forEach(feature -> declined.add(feature.toLowerCase(Locale.ROOT)));
  }

  private static void size(ObjectNode node, ObjectSize size) {
    node.put("object_bytes", size.bytes());
    node.put("path", size.path().toString());
    node.put("reason", size.reason().isEmpty() ? null : size.reason());
    node.put("padded_bytes", size.paddedBytes());
    node.put("length_is_multiple", size.isMultiple());
    if (size.enough().isPresent()) {
      node.put("direct_with_l1_align_bytes", size.enough().getAsInt());
    } else {
      node.putNull("direct_with_l1_align_bytes");
    }
  }
}
