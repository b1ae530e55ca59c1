# SPDX-License-Identifier: Apache-2.0

# Checks the dynamic section of the finished library: which symbols it exports, which libraries it
# needs, and how new a glibc. cmake -DOBJDUMP=... -DLIBRARY=... -P check_library.cmake

set(newest_glibc 2.34)

function(run_objdump out)
  execute_process(COMMAND "${OBJDUMP}" ${ARGN} "${LIBRARY}"
    OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
  string(REPLACE "\n" ";" lines "${text}")
  set(${out} "${lines}" PARENT_SCOPE)
endfunction()

run_objdump(symbols -T)
set(exported "")
foreach(line IN LISTS symbols)
  if(line MATCHES "GLIBC_([0-9.]+)" AND CMAKE_MATCH_1 VERSION_GREATER newest_glibc)
    message(SEND_ERROR "needs a glibc newer than ${newest_glibc}: ${line}")
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
endforeach()
