// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.KeyResult;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/** Mutants that change one kind of answer, and how answers are changed. */
final class Changing {

  private Changing() {}

  /** Changes the lease of each lookup. */
  static Mutant leases(
      String rule, String fault, BiFunction<LookupRequest, LookupLease, LookupLease> change) {
    return new Mutant(rule, fault) {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new ForwardingAdapter(adapter) {
          @Override
          public CompletionStage<LookupLease> lookup(LookupRequest request) {
            return super.lookup(request).thenApply(lease -> change.apply(request, lease));
          }
        };
      }
    };
  }

  /** Changes lookups before they are made. */
  static Mutant lookups(String rule, String fault, UnaryOperator<LookupRequest> change) {
    return new Mutant(rule, fault) {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new ForwardingAdapter(adapter) {
          @Override
          public CompletionStage<LookupLease> lookup(LookupRequest request) {
            return super.lookup(change.apply(request));
          }
        };
      }
    };
  }

  /** Changes the result of each delete. */
  static Mutant deletes(
      String rule, String fault, BiFunction<DeleteRequest, DeleteResult, DeleteResult> change) {
    return new Mutant(rule, fault) {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new ForwardingAdapter(adapter) {
          @Override
          public CompletionStage<DeleteResult> delete(DeleteRequest request) {
            return super.delete(request).thenApply(result -> change.apply(request, result));
          }
        };
      }
    };
  }

  /** One outcome in place of another. */
  static <O extends Enum<O>> List<KeyResult<O>> saying(
      List<KeyResult<O>> results, O instead, O outcome) {
    return results.stream()
        .map(result -> result.outcome() == outcome ? KeyResult.of(instead) : result)
        .toList();
  }

  /** The results by their outcomes, as if those that end alike had been collected together. */
  static <O extends Enum<O>> List<KeyResult<O>> sorted(List<KeyResult<O>> results) {
    return results.stream().sorted(Comparator.comparing(KeyResult::outcome)).toList();
  }

  /** The same with the first two elements exchanged. */
  static <T> List<T> swapped(List<T> list) {
    List<T> other = new ArrayList<>(list);
    Collections.swap(other, 0, 1);
    return other;
  }

  /** A list with one more element. */
  static <T> List<T> with(List<T> list, T last) {
    List<T> longer = new ArrayList<>(list);
    longer.add(last);
    return longer;
  }
}
