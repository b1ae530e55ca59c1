# SPDX-License-Identifier: Apache-2.0

# Checks the dynamic section of the finished library: which symbols it exports, which libraries it
# needs, and how new a glibc. cmake -DOBJDUMP=... -DLIBRARY=... -P check_library.cmake

if(NOT NEWEST_GLIBC)
  set(NEWEST_GLIBC 2.34)
endif()

function(run_objdump out)
  execute_process(COMMAND "${OBJDUMP}" ${ARGN} "${LIBRARY}"
    OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
  string(REPLACE "\n" ";" lines "${text}")
  set(${out} "${lines}" PARENT_SCOPE)
endfunction()

run_objdump(symbols -T)
set(exported "")
foreach(line IN LISTS symbols)
  # Weak ones count: a call of one that is missing ends the JVM.
  if(line MATCHES "GLIBC_([0-9.]+)" AND CMAKE_MATCH_1 VERSION_GREATER NEWEST_GLIBC)
    message(SEND_ERROR "needs a glibc newer than ${NEWEST_GLIBC}: ${line}")
  endif()
  # Weak ones are exported as well.
  if(NOT line MATCHES "\\*UND\\*" AND line MATCHES "^[0-9a-f]+ .* ([^ ]+)$")
    list(APPEND exported "${CMAKE_MATCH_1}")
  endif()
endforeach()
if(NOT exported STREQUAL "JNI_OnLoad")
  message(SEND_ERROR "exports [${exported}], not JNI_OnLoad alone")
endif()

run_objdump(headers -p)
foreach(line IN LISTS headers)
  if(line MATCHES "NEEDED" AND NOT line MATCHES "NEEDED +(libc|libgcc_s|ld-linux.*)\\.so")
    message(SEND_ERROR "needs a library that may not be there: ${line}")
  endif()
  # No symbol has this version: it stands for packed relocations, which glibc knows from 2.36 on.
  if(line MATCHES "GLIBC_ABI_DT_RELR")
    message(SEND_ERROR "needs glibc 2.36: ${line}")
  endif()
endforeach()
