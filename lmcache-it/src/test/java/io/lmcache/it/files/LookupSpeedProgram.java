// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import io.lmcache.spi.Extent;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks all keys of a list up, once for each line of input {@code BATCH PIN}, and says how many
 * were there and how many nanoseconds it took. Arguments: engine, directory, a file of names.
 */
final class LookupSpeedProgram {

  private LookupSpeedProgram() {}

  @SuppressWarnings("SystemOut")
  public static void main(String[] args) throws Exception {
    List<ObjectKey> keys = new ArrayList<>();
    for (String n : Files.readAllLines(Path.of(args[2]))) {
      keys.add(ScaleFiles.key(Long.parseLong(n)));
    }
    try (FileAdapter adapter = FileAdapter.open(Engine.valueOf(args[0]), Path.of(args[1]));
        BufferedReader in =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      while (adapter.usage().recovering()) {
        Thread.onSpinWait();
      }
      System.out.println("ready");
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String[] words = line.split(" ", -1);
        List<LookupRequest> requests = new ArrayList<>();
        int batch = Integer.parseInt(words[0]);
        for (int from = 0; from < keys.size(); from += batch) {
          List<ObjectKey> some = keys.subList(from, Math.min(keys.size(), from + batch));
          requests.add(
              new LookupRequest(some, Extent.ALL, Boolean.parseBoolean(words[1]), Options.DEFAULT));
        }
        long hits = 0;
        long began = System.nanoTime();
        for (LookupRequest request : requests) {
          try (LookupLease lease = FileAdapter.await(adapter.adapter().lookup(request))) {
            for (int i = 0; i < lease.size(); i++) {
              hits += lease.hit(i) ? 1 : 0;
            }
          }
        }
        System.out.println(hits + " " + (System.nanoTime() - began));
      }
    }
  }
}
