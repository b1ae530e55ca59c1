// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import io.lmcache.spi.ObjectKey;
import java.util.concurrent.CompletionStage;

/**
 * One of the bench's operations, cut so that only {@link #submit} is inside the timed section.
 *
 * @param <R> what one submit is answered with
 */
interface Operation<R> {

  OperationKind kind();

  /** Makes everything that the round's submits need. */
  void prepare(RoundId round);

  /** Submits one request of the prepared round. */
  CompletionStage<R> submit(int number);

  /** The i-th key of a request of the prepared round. */
  ObjectKey key(int number, int i);

  /** Judges every key of a request that was answered. */
  void judge(int number, R answer, RoundTally tally);
}
