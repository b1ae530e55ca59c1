// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.doctor;

import io.lmcache.spi.ConfigField;

/** Says which {@link Patient} it is. */
record PatientConfig(@ConfigField(name = "name", doc = "of the patient") String name) {}
