// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class StandardOutputTest {

  private static OutputStream failing(String message) {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        throw new IOException(message);
      }
    };
  }

  @Test
  void writesUtf8() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    StandardOutput output = new StandardOutput(bytes);
    output.writer().print("größer");

    assertThat(output.finish()).isEmpty();
    assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo("größer");
  }

  @Test
  void aReaderThatLeftIsNoFailure() {
    StandardOutput output = new StandardOutput(failing("Broken pipe"));
    output.writer().println("x");

    assertThat(output.finish()).isEmpty();
  }

  @Test
  void anyOtherFailureIsTold() {
    StandardOutput output = new StandardOutput(failing("No space left on device"));
    output.writer().println("x");

    assertThat(output.finish()).hasValue("No space left on device");
  }
}
