# cmake -DPTXAS= -DARCH= -DPTX= -DOUT= -P RunPtxas.cmake: what `ptxas -v` says about a PTX text, without
# the times, which differ from run to run.
# SPDX-License-Identifier: Apache-2.0
execute_process(
  COMMAND ${PTXAS} -v -arch=${ARCH} ${PTX} -o ${OUT}.cubin
  OUTPUT_VARIABLE out ERROR_VARIABLE text RESULT_VARIABLE failed)
file(REMOVE ${OUT}.cubin)
if(failed)
  message(FATAL_ERROR "ptxas does not take ${PTX}:\n${out}${text}")
endif()
string(REGEX REPLACE "[^\n]*Compile time[^\n]*\n" "" text "${text}")
file(WRITE ${OUT} "${text}")
