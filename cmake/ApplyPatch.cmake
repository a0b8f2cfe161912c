# cmake -DBASE= -DPATCH= -DCOPY= -DPROGRAM= -P ApplyPatch.cmake: COPY = BASE with PATCH applied.
# Fails when the context does not match exactly, or when more than three lines change.
# SPDX-License-Identifier: Apache-2.0
file(STRINGS ${PATCH} removed REGEX "^-($|[^-])")
file(STRINGS ${PATCH} added REGEX "^\\+($|[^+])")
list(LENGTH removed removed_lines)
list(LENGTH added added_lines)
if(removed_lines GREATER 3 OR added_lines GREATER 3)
  message(FATAL_ERROR "${PATCH}: removes ${removed_lines} lines and adds ${added_lines}, at most 3")
endif()
get_filename_component(folder ${COPY} DIRECTORY)
file(MAKE_DIRECTORY ${folder})
execute_process(
  COMMAND ${PROGRAM} --fuzz=0 --batch --reject-file=- --no-backup-if-mismatch --output=${COPY} ${BASE} ${PATCH}
  RESULT_VARIABLE failed OUTPUT_VARIABLE log ERROR_VARIABLE log)
if(failed)
  file(REMOVE ${COPY})
  message(FATAL_ERROR "${PATCH} no longer applies to ${BASE}:\n${log}")
endif()
