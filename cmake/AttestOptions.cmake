# attest_options: what every target is compiled with; attest_warnings: what we accept of ourselves.
# SPDX-License-Identifier: Apache-2.0

# x86-64-v3 is the program's minimum; no contraction, so that the same source gives the same bits.
add_library(attest_options INTERFACE)
target_compile_features(attest_options INTERFACE cxx_std_20)
target_compile_options(attest_options INTERFACE -march=x86-64-v3 -ffp-contract=off -fno-fast-math)
target_include_directories(attest_options INTERFACE ${PROJECT_SOURCE_DIR})

add_library(attest_warnings INTERFACE)
target_compile_options(attest_warnings INTERFACE -Wall -Wextra -Wconversion -Wshadow
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)  # g++ 12 warns falsely on std::string + (GCC bug 105651)

if(ATTEST_SANITIZE)
  target_compile_options(attest_options INTERFACE -fsanitize=${ATTEST_SANITIZE}
                         -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(attest_options INTERFACE -fsanitize=${ATTEST_SANITIZE})
endif()

# The simulated driver, a shared library, takes in the executor. g++ makes its objects position
# independent enough for that as they are; elsewhere they are made so.
if(ATTEST_SANITIZE OR NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
endif()

if(ATTEST_FUZZ)
  target_compile_options(attest_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# attest_library(<folder name> SOURCES .. LINKS ..): library attest_<name>, alias attest::<name>.
# LINKS are the PUBLIC arrows of the layer table.
function(attest_library name)
  cmake_parse_arguments(A "" "" "SOURCES;LINKS" ${ARGN})
  add_library(attest_${name} STATIC ${A_SOURCES})
  add_library(attest::${name} ALIAS attest_${name})
  target_link_libraries(attest_${name} PUBLIC attest_options ${A_LINKS} PRIVATE attest_warnings)
endfunction()
