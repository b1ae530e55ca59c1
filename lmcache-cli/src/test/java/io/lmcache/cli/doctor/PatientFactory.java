// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.doctor;

import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2AdapterFactory;
import io.lmcache.spi.L2ConfigException;
import java.io.IOException;

/** Makes adapters of the type {@code test_patient}. */
public final class PatientFactory implements L2AdapterFactory {

  @Override
  public String type() {
    return "test_patient";
  }

  @Override
  public Class<? extends Record> configType() {
    return PatientConfig.class;
  }

  @Override
  public L2Adapter open(AdapterSpec spec, L2AdapterContext context)
      throws L2ConfigException, IOException {
    Patient patient = Patient.named(spec.bind(PatientConfig.class).name());
    patient.calls.add(
        (context.examination() ? "examine" : "open")
            + " with buffers at "
            + context.bufferAlignment());
    if (patient.openFails.isPresent()) {
      Exception failure = patient.openFails.get();
      if (failure instanceof L2ConfigException wrong) {
        throw wrong;
      }
      if (failure instanceof IOException broken) {
        throw broken;
      }
      throw new IllegalStateException(failure);
    }
    return new PatientAdapter(patient);
  }
}
