# attest_tests(<name> LABEL unit|property|ptx|.. SOURCES .. LINKS ..): one googletest binary per
# folder, every test of it known to ctest under its own name.
# SPDX-License-Identifier: Apache-2.0
include(GoogleTest)

function(attest_tests name)
  cmake_parse_arguments(A "" "LABEL" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${A_SOURCES})
  target_link_libraries(${name} PRIVATE attest_options attest_warnings ${A_LINKS} GTest::gtest GTest::gtest_main)
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES LABELS ${A_LABEL} TIMEOUT 600)
endfunction()
