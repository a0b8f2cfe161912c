# attest_simd_variant(<level> OF <library> TARGET <library> FUNCTION <name> [SOURCES ..] FLAGS ..)
# Compiles the sources of OF, and SOURCES, once more with FLAGS into one object of TARGET in which
# every symbol is local but the function attest::ptx::<name>_<level>(), by which <name>() goes there.
# SPDX-License-Identifier: Apache-2.0
#
# Local, because a linker keeps one copy of each inline function and template: without this it could
# keep one with AVX-512 in it for callers that run everywhere.
find_program(ATTEST_OBJCOPY objcopy REQUIRED)
find_program(ATTEST_LD ld REQUIRED)

function(attest_simd_variant level)
  cmake_parse_arguments(A "" "OF;TARGET;FUNCTION" "SOURCES;FLAGS" ${ARGN})
  get_target_property(sources attest_${A_OF} SOURCES)
  get_target_property(folder attest_${A_OF} SOURCE_DIR)
  list(TRANSFORM sources PREPEND ${folder}/ REGEX "^[^/]")
  get_target_property(options attest_${A_OF} COMPILE_OPTIONS)
  set(objects attest_${A_OF}_${level})
  add_library(${objects} OBJECT ${sources} ${A_SOURCES})
  get_target_property(links attest_${A_OF} LINK_LIBRARIES)
  target_link_libraries(${objects} PRIVATE ${links})
  target_compile_options(${objects} PRIVATE ${options} ${A_FLAGS} -fno-gnu-unique)
  target_compile_definitions(${objects} PRIVATE ${A_FUNCTION}=${A_FUNCTION}_${level})

  set(name ${A_FUNCTION}_${level})
  string(LENGTH ${name} length)
  set(joined ${CMAKE_CURRENT_BINARY_DIR}/${objects}_joined.o)
  set(object ${CMAKE_CURRENT_BINARY_DIR}/${objects}.o)
  add_custom_command(
    OUTPUT ${object}
    COMMAND ${ATTEST_LD} -r --force-group-allocation -o ${joined} $<TARGET_OBJECTS:${objects}>
    COMMAND ${ATTEST_OBJCOPY} --keep-global-symbol=_ZN6attest3ptx${length}${name}Ev ${joined} ${object}
    DEPENDS ${objects} $<TARGET_OBJECTS:${objects}>
    COMMAND_EXPAND_LISTS
    VERBATIM)
  set_source_files_properties(${object} PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
  target_sources(attest_${A_TARGET} PRIVATE ${object})
endfunction()
