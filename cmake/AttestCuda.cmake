# What of CUDA is there to build against. Each part may be left out by ATTEST_WITH_<part>=OFF; ON makes a
# missing one an error. Nothing of it is linked: headers alone, the libraries are opened at run time.
# Sets ATTEST_CUDA_INCLUDE and ATTEST_HAS_CUDA, ATTEST_HAS_CUBLAS, ATTEST_HAS_CUPTI.
# SPDX-License-Identifier: Apache-2.0

# attest_cuda_part(<part> <why it is missing, or empty>)
function(attest_cuda_part part missing)
  set(ATTEST_WITH_${part} AUTO CACHE STRING "Build what is written against ${part}: AUTO (where its headers are), ON or OFF")
  set_property(CACHE ATTEST_WITH_${part} PROPERTY STRINGS AUTO ON OFF)
  if(NOT ATTEST_WITH_${part} MATCHES "^(AUTO|ON|OFF)$")
    message(FATAL_ERROR "ATTEST_WITH_${part}=${ATTEST_WITH_${part}}, allowed: AUTO, ON, OFF")
  endif()
  if(ATTEST_WITH_${part} STREQUAL OFF)
    set(missing "ATTEST_WITH_${part} is OFF")
  elseif(missing AND ATTEST_WITH_${part} STREQUAL ON)
    message(FATAL_ERROR "ATTEST_WITH_${part} is ON, and there is ${missing}")
  endif()
  if(missing)
    message(STATUS "${part}: not built, ${missing}")
    set(ATTEST_HAS_${part} 0 PARENT_SCOPE)
  else()
    set(ATTEST_HAS_${part} 1 PARENT_SCOPE)
  endif()
endfunction()

# cuda.h beside nvcc, or where the wheels have it; of CUDA 13, whose calls are used.
file(REAL_PATH ${ATTEST_NVCC} nvcc)
cmake_path(GET nvcc PARENT_PATH nvcc_folder)
if(ATTEST_CUDA_INCLUDE AND NOT EXISTS ${ATTEST_CUDA_INCLUDE}/cuda.h)
  unset(ATTEST_CUDA_INCLUDE CACHE)
endif()
find_path(ATTEST_CUDA_INCLUDE cuda.h
  HINTS ${nvcc_folder}/../include ${nvcc_folder}/../targets/x86_64-linux/include ENV CUDA_HOME ENV CUDA_PATH
  PATHS /usr/local/cuda PATH_SUFFIXES include)
set(missing "no cuda.h of CUDA 13 beside ${ATTEST_NVCC}")
if(ATTEST_CUDA_INCLUDE)
  file(STRINGS ${ATTEST_CUDA_INCLUDE}/cuda.h cuda_version REGEX "^#define CUDA_VERSION ")
  string(REGEX REPLACE "[^0-9]" "" cuda_version "${cuda_version}")
  if(cuda_version GREATER_EQUAL 13000)
    set(missing "")
  endif()
endif()
attest_cuda_part(CUDA "${missing}")

set(missing "")
foreach(header IN ITEMS cublas_v2.h cublasLt.h)
  if(NOT ATTEST_HAS_CUDA OR NOT EXISTS ${ATTEST_CUDA_INCLUDE}/${header})
    set(missing "no ${header} beside cuda.h")
  endif()
endforeach()
attest_cuda_part(CUBLAS "${missing}")

set(missing "")
if(NOT ATTEST_HAS_CUDA OR NOT EXISTS ${ATTEST_CUDA_INCLUDE}/cupti.h)
  set(missing "no cupti.h beside cuda.h")
endif()
attest_cuda_part(CUPTI "${missing}")
