// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.adapters;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lmcache.cli.Json;
import io.lmcache.core.AdapterDescription;
import io.lmcache.core.BrokenProvider;
import io.lmcache.core.FieldDescription;
import java.util.List;
import java.util.Optional;

/** The listing for programs. What is not there is null; lists are there even if empty. */
final class AdaptersJson {

  private AdaptersJson() {}

  static String text(AdapterListing listing) {
    ObjectNode document = Json.object();
    ArrayNode adapters = document.putArray("adapters");
    listing.adapters().forEach(adapter -> adapter(adapters.addObject(), adapter));
    fields(document.putArray("common_fields"), AdapterDescription.commonFields());
    ArrayNode broken = document.putArray("broken");
    for (BrokenProvider provider : listing.broken()) {
      broken
          .addObject()
          .put("provider", provider.provider())
          .put("jar", provider.jar())
          .put("cause", provider.cause());
    }
    document.put("descriptor_files", listing.descriptorFiles());
    return Json.text(document);
  }

  private static void adapter(ObjectNode node, AdapterDescription adapter) {
    Optional<String> unavailability = adapter.unavailability();
    node.put("type", adapter.type());
    ArrayNode aliases = node.putArray("aliases");
    adapter.aliases().forEach(aliases::add);
    node.put("available", unavailability.isEmpty());
    node.put("unavailability", unavailability.orElse(null));
    node.put("conflict", adapter.conflict().orElse(null));
    node.put("class", adapter.className());
    node.put("jar", adapter.jar());
    fields(node.putArray("fields"), adapter.fields());
  }

  private static void fields(ArrayNode list, List<FieldDescription> fields) {
    for (FieldDescription field : fields) {
      list.addObject()
          .put("name", field.name())
          .put("type", field.type())
          .put("required", field.required())
          .put("default", AdapterListing.shownDefault(field).orElse(null))
          .put("range", field.range().orElse(null))
          .put("unit", field.unit().isEmpty() ? null : field.unit())
          .put("secret", field.secret())
          .put("doc", field.doc());
    }
  }
}
