// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Deletes what a run stored, also what it only may have stored. */
final class Cleanup {

  /**
   * What became of the keys.
   *
   * @param deleted keys that were there and are gone
   * @param absent keys that were not there, such as those whose store failed
   * @param failed keys that could not be deleted
   * @param kept keys that were stored and left on purpose
   */
  record Report(long deleted, long absent, long failed, long kept) {}

  private static final int BATCH = 1024;
  private static final String NAME = "cleanup";

  private final L2Adapter adapter;
  private final Failures failures;
  private long deleted;
  private long absent;
  private long failed;

  Cleanup(L2Adapter adapter, Failures failures) {
    this.adapter = adapter;
    this.failures = failures;
  }

  Report delete(StoredKeys stored) {
    int most = Math.min(BATCH, adapter.limits().maxKeysPerRequest());
    while (stored.count() > 0) {
      List<ObjectKey> batch = stored.first(most);
      delete(batch);
      stored.forget(batch.size());
    }
    return new Report(deleted, absent, failed, 0);
  }

  private void delete(List<ObjectKey> batch) {
    Burst<DeleteResult> burst = new Burst<>();
    burst.submit(() -> adapter.delete(new DeleteRequest(batch, Options.DEFAULT)));
    burst.await();
    DeleteResult result = burst.answer(0);
    if (result == null || result.size() != batch.size()) {
      String text = defect(burst.failure(0));
      batch.forEach(key -> failures.add(NAME, false, "DEFECT", key, text));
      failed += batch.size();
      return;
    }
    for (int i = 0; i < batch.size(); i++) {
      count(batch.get(i), result, i);
    }
  }

  private void count(ObjectKey key, DeleteResult result, int i) {
    if (result.outcome(i) == DeleteOutcome.DELETED) {
      deleted++;
    } else if (result.outcome(i) == DeleteOutcome.ABSENT) {
      absent++;
    } else {
      failed++;
      failures.add(NAME, false, result.outcome(i), key, result.error(i));
    }
  }

  private static String defect(@Nullable Throwable failure) {
    return failure == null ? "the adapter did not answer every key" : failure.toString();
  }
}
