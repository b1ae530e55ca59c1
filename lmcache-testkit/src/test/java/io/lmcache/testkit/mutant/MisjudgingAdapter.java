// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.spi.AdapterStatus;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.Health;
import io.lmcache.spi.KeyResult;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Judges its health by the results that it gives, as the contract wants it but for one fault. */
final class MisjudgingAdapter extends ForwardingAdapter {

  /** What it does wrong. */
  enum Fault {
    ONE_COUNT("one count for all operations"),
    RUN_GOES_ON("a success does not end a run of failures"),
    FORGETS_NOTHING("no failure is ever a hundred keys old");

    private final String words;

    Fault(String words) {
      this.words = words;
    }

    @Override
    public String toString() {
      return words;
    }
  }

  private static final class History {
    final Deque<Boolean> failed = new ArrayDeque<>();
    int run;
    boolean failing;
    String error = "";

    long failures() {
      return failed.stream().filter(each -> each).count();
    }
  }

  private final Fault fault;
  private final Map<String, History> histories = new HashMap<>();

  MisjudgingAdapter(L2Adapter sound, Fault fault) {
    super(sound);
    this.fault = fault;
  }

  private synchronized void note(String operation, List<? extends KeyResult<?>> results) {
    History history =
        histories.computeIfAbsent(
            fault == Fault.ONE_COUNT ? "any" : operation, name -> new History());
    for (KeyResult<?> result : results) {
      note(history, result.error());
    }
  }

  private void note(History history, @Nullable L2Error error) {
    if (error == null && history.failing) {
      history.failing = false;
      history.failed.clear();
      history.run = 0;
      return;
    }
    history.failed.add(error != null);
    if (history.failed.size() > 100 && fault != Fault.FORGETS_NOTHING) {
      history.failed.remove();
    }
    if (error != null) {
      history.run++;
      history.error = error.text();
      history.failing |= history.run >= 5 || history.failures() > 10;
    } else if (fault != Fault.RUN_GOES_ON) {
      history.run = 0;
    }
  }

  @Override
  public CompletionStage<StoreResult> store(StoreRequest request) {
    return super.store(request).thenApply(result -> noted("store", result, result.keys()));
  }

  @Override
  public CompletionStage<LoadResult> load(LoadRequest request) {
    return super.load(request).thenApply(result -> noted("load", result, result.keys()));
  }

  @Override
  public CompletionStage<DeleteResult> delete(DeleteRequest request) {
    return super.delete(request).thenApply(result -> noted("delete", result, result.keys()));
  }

  private <R> R noted(String operation, R result, List<? extends KeyResult<?>> results) {
    note(operation, results);
    return result;
  }

  @Override
  public synchronized AdapterStatus status() {
    AdapterStatus s = super.status();
    if (s.health() != Health.OK && s.health() != Health.DEGRADED) {
      return s;
    }
    for (History history : histories.values()) {
      if (history.failing) {
        return HealthMutants.with(s, Health.DEGRADED, history.error, s.failures());
      }
    }
    return HealthMutants.with(s, Health.OK, "", s.failures());
  }
}
