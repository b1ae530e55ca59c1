// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.doctor;

import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.AdapterStatus;
import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.CloseReport;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** Answers questions and refuses work: the doctor looks and does not touch. */
final class PatientAdapter implements L2Adapter {

  private final Patient patient;

  PatientAdapter(Patient patient) {
    this.patient = patient;
  }

  private static AssertionError work() {
    return new AssertionError("the doctor gives no work");
  }

  @Override
  public AdapterLimits limits() {
    return patient.limits;
  }

  @Override
  public CompletionStage<StoreResult> store(StoreRequest request) {
    throw work();
  }

  @Override
  public CompletionStage<LookupLease> lookup(LookupRequest request) {
    throw work();
  }

  @Override
  public CompletionStage<LoadResult> load(LoadRequest request) {
    throw work();
  }

  @Override
  public CompletionStage<DeleteResult> delete(DeleteRequest request) {
    throw work();
  }

  @Override
  public CompletionStage<KeyPage> list(ListRequest request) {
    throw work();
  }

  @Override
  public AdapterUsage usage() {
    return new AdapterUsage(0, 0, 0, 0, false, Map.of());
  }

  @Override
  public AdapterStatus status() {
    patient.calls.add("status");
    return patient.status();
  }

  @Override
  public int loans() {
    return 0;
  }

  @Override
  public CloseReport close(Duration bound) {
    patient.calls.add("close");
    return CloseReport.IDLE;
  }
}
