# nvcc, and CUDA C++ sources as embedded PTX text.
# SPDX-License-Identifier: Apache-2.0

# A toolkit in its usual places or on PATH, else the compiler wheels that scripts/setup installs in
# build/venv; the other build folders use those too. A remembered nvcc that has gone is searched anew.
if(ATTEST_NVCC AND NOT EXISTS ${ATTEST_NVCC})
  unset(ATTEST_NVCC CACHE)
endif()
find_program(ATTEST_NVCC nvcc
  HINTS ENV CUDA_HOME ENV CUDA_PATH
  PATHS /usr/local/cuda
  PATH_SUFFIXES bin)
if(NOT ATTEST_NVCC)
  file(GLOB wheels
    ${CMAKE_BINARY_DIR}/venv/lib/python3*/site-packages/nvidia/cu13/bin/nvcc
    ${PROJECT_SOURCE_DIR}/build/venv/lib/python3*/site-packages/nvidia/cu13/bin/nvcc)
  if(wheels)
    list(GET wheels 0 wheel)
    set(ATTEST_NVCC ${wheel} CACHE FILEPATH "CUDA compiler" FORCE)
  endif()
endif()
if(NOT ATTEST_NVCC)
  message(FATAL_ERROR "nvcc not found: run scripts/setup, which installs it, or set -DATTEST_NVCC=/path/to/nvcc")
endif()

# ptxas lies beside nvcc; without it registers and spills of kernels are not known.
if(ATTEST_PTXAS AND NOT EXISTS ${ATTEST_PTXAS})
  unset(ATTEST_PTXAS CACHE)
endif()
cmake_path(GET ATTEST_NVCC PARENT_PATH nvcc_folder)
find_program(ATTEST_PTXAS ptxas HINTS ${nvcc_folder})

# attest_embed_ptx(<target> NAME <symbol> SOURCE <file.cu> [DEFINES <macro=value>..] [INCLUDES <folder>..]
#                  [DEPENDS ..] [PTXAS])
# Compiles SOURCE to PTX for ATTEST_PTX_ARCH and embeds the text in <target> as
# `attest::embedded::<symbol>()`, a std::string_view. INCLUDES are searched before the source tree. With PTXAS what `ptxas -v` says about it is
# `attest::embedded::<symbol>_ptxas()`, empty where there is no ptxas. Paths in .file lines become relative to the
# source tree. The PTX file itself is ${CMAKE_CURRENT_BINARY_DIR}/<symbol>.ptx.
function(attest_embed_ptx target)
  cmake_parse_arguments(A "PTXAS" "NAME;SOURCE" "DEFINES;INCLUDES;DEPENDS" ${ARGN})
  set(ptx ${CMAKE_CURRENT_BINARY_DIR}/${A_NAME}.ptx)
  set(cpp ${CMAKE_CURRENT_BINARY_DIR}/${A_NAME}_ptx.cpp)
  list(TRANSFORM A_DEFINES PREPEND -D)
  list(TRANSFORM A_INCLUDES PREPEND -I)
  add_custom_command(
    OUTPUT ${ptx}
    COMMAND ${ATTEST_NVCC} -std=c++17 -arch=${ATTEST_PTX_ARCH} -lineinfo -ptx
            ${A_INCLUDES} -I${PROJECT_SOURCE_DIR} ${A_DEFINES} -MD -MT ${ptx} -MF ${ptx}.d -o ${ptx} ${A_SOURCE}
    DEPENDS ${A_SOURCE} ${A_DEPENDS}
    DEPFILE ${ptx}.d
    COMMENT "nvcc ${A_NAME}.ptx"
    VERBATIM)
  set(ptxas "")
  if(A_PTXAS AND ATTEST_PTXAS)
    set(ptxas ${CMAKE_CURRENT_BINARY_DIR}/${A_NAME}.ptxas)
    add_custom_command(
      OUTPUT ${ptxas}
      COMMAND ${CMAKE_COMMAND} -DPTXAS=${ATTEST_PTXAS} -DARCH=${ATTEST_PTX_ARCH} -DPTX=${ptx}
              -DOUT=${ptxas} -P ${PROJECT_SOURCE_DIR}/cmake/RunPtxas.cmake
      DEPENDS ${ptx} ${PROJECT_SOURCE_DIR}/cmake/RunPtxas.cmake
      COMMENT "ptxas ${A_NAME}.ptx"
      VERBATIM)
  endif()
  add_custom_command(
    OUTPUT ${cpp}
    COMMAND ${CMAKE_COMMAND} -DPTX=${ptx} -DCPP=${cpp} -DSYMBOL=${A_NAME} -DPTXAS_TEXT=${ptxas}
            -DSOURCE_ROOT=${PROJECT_SOURCE_DIR} -DBINARY_ROOT=${CMAKE_BINARY_DIR}
            -P ${PROJECT_SOURCE_DIR}/cmake/EmbedPtx.cmake
    DEPENDS ${ptx} ${ptxas} ${PROJECT_SOURCE_DIR}/cmake/EmbedPtx.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${cpp})
endfunction()
