# cmake -DPROGRAM=<program> -P no_gpu_library.cmake: fails when ldd names a library of a GPU.
# SPDX-License-Identifier: Apache-2.0
execute_process(COMMAND ldd ${PROGRAM} OUTPUT_VARIABLE libraries RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "ldd ${PROGRAM} failed")
endif()
string(REGEX MATCHALL "lib(cuda|cudart|cudnn|cublas|cupti|nvrtc)[^ \t\n]*" found "${libraries}")
if(found)
  message(FATAL_ERROR "${PROGRAM} links ${found}")
endif()
