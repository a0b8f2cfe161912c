# cmake -DNM= -DARCHIVE= -P no_libm.cmake: fails when an object of ARCHIVE calls libm where bits matter.
# SPDX-License-Identifier: Apache-2.0
# libm picks its code by CPU, so exp, log, pow, tanh and their kin differ between machines.
execute_process(COMMAND ${NM} --undefined-only -f posix ${ARCHIVE}
                OUTPUT_VARIABLE symbols RESULT_VARIABLE status)
if(NOT status EQUAL 0 OR NOT symbols MATCHES " U")
  message(FATAL_ERROR "no symbols read from ${ARCHIVE}")
endif()
string(REPLACE "\n" ";" lines "${symbols}")
set(found "")
foreach(line IN LISTS lines)
  if(line MATCHES "^(_ZSt[0-9]+|__|_ZGV.*_)?(exp|exp2|exp10|expm1|log|log2|log10|log1p|pow|sinh|cosh|tanh|erf|erfc|fma|sin|cos|tan)[fl]?(_finite)?(f|d|e)?(@.*)? ")
    list(APPEND found "${line}")
  endif()
endforeach()
if(found)
  message(FATAL_ERROR "libm in ${ARCHIVE}: ${found}")
endif()
