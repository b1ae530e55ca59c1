// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SettingTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          requested=true effective=false reason=cached | true | false | cached
          requested=require effective=true memory=512 length=4096 | require | true |
          requested=65536 effective=false reason=reads are direct | 65536 | false | reads are direct
          requested=a effective=false unit=1 reason=its effective=true is=none | a | false | its effective=true is=none
          requested=false | false | |
          requested=off reason=so effective=true is no wish | off | | so effective=true is no wish
          requested=true effective=maybe | true | |
          """)
  void theConventionIsRead(String detail, String requested, Boolean effective, String reason) {
    assertThat(Setting.of("odirect", detail))
        .contains(
            new Setting(
                "odirect", requested, Optional.ofNullable(effective), Optional.ofNullable(reason)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "ext4", "effective=false", "not requested=true effective=false"})
  void otherDetailsAreNoSettings(String detail) {
    assertThat(Setting.of("file_system", detail)).isEmpty();
  }

  @Test
  void onlyWhatWasAskedForCanBeMissed() {
    assertThat(Setting.of("x", "requested=true effective=false")).get().matches(Setting::missed);
    assertThat(Setting.of("x", "requested=true effective=true"))
        .get()
        .matches(setting -> !setting.missed());
    assertThat(Setting.of("x", "requested=false")).get().matches(setting -> !setting.missed());
  }
}
