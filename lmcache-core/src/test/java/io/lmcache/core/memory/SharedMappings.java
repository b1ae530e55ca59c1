// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core.memory;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Function;
import com.sun.jna.Memory;

/** Has the kernel refuse shared mappings, by a filter of system calls. */
final class SharedMappings {

  private static final int ALLOW = 0x7fff0000;
  private static final int ENODEV = 0x50000 | 19;
  private static final int LOAD = 0x20;
  private static final int EQUAL = 0x15;
  private static final int ANY_BIT = 0x45;
  private static final int RETURN = 0x06;

  /** Where a filter finds the call's number, and its fourth argument, the flags. */
  private static final int NUMBER_AT = 0;

  private static final int FLAGS_AT = 16 + 3 * 8;
  private static final int SHARED = 1;

  private SharedMappings() {}

  /** To the calling thread, for the rest of its life. */
  static void refuse() {
    int mmap = System.getProperty("os.arch").equals("aarch64") ? 222 : 9;
    long[][] filter = {
      {LOAD, 0, 0, NUMBER_AT},
      {EQUAL, 0, 3, mmap},
      {LOAD, 0, 0, FLAGS_AT},
      {ANY_BIT, 0, 1, SHARED},
      {RETURN, 0, 0, ENODEV},
      {RETURN, 0, 0, ALLOW},
    };
    Memory instructions = new Memory(8L * filter.length);
    for (int i = 0; i < filter.length; i++) {
      instructions.setShort(8L * i, (short) filter[i][0]);
      instructions.setByte(8L * i + 2, (byte) filter[i][1]);
      instructions.setByte(8L * i + 3, (byte) filter[i][2]);
      instructions.setInt(8L * i + 4, (int) filter[i][3]);
    }
    Memory program = new Memory(16);
    program.clear();
    program.setShort(0, (short) filter.length);
    program.setPointer(8, instructions);
    Function prctl = Function.getFunction("c", "prctl");
    int noNewPrivileges = 38;
    int setFilter = 22;
    assertThat(prctl.invokeInt(new Object[] {noNewPrivileges, 1L, 0L, 0L, 0L})).isZero();
    assertThat(prctl.invokeInt(new Object[] {setFilter, 2L, program, 0L, 0L})).isZero();
    assertThat(LinuxCalls.mmap(0, 4096, LinuxCalls.PROT_READ, SHARED, -1, 0)).isEqualTo(-1);
    assertThat(LinuxCalls.errno()).isEqualTo(19);
  }
}
