# SPDX-License-Identifier: Apache-2.0
# Holds what an archive's objects leave undefined, and what its target links, against two lists of patterns each.

function(must_find what where)
  foreach(pattern ${ARGN})
    if(NOT "${where}" MATCHES "(^|;)${pattern}(;|$)")
      message(SEND_ERROR "${what} not found, so nothing can be said of the others: ${pattern}")
    endif()
  endforeach()
endfunction()

function(must_not_find what where)
  foreach(pattern ${ARGN})
    string(REPLACE ".*" "[^;]*" pattern "${pattern}")
    if("${where}" MATCHES "(^|;)(${pattern})(;|$)")
      message(SEND_ERROR "${what} that must not be there: ${CMAKE_MATCH_2}")
    endif()
  endforeach()
endfunction()

execute_process(COMMAND ${NM} --undefined-only --format=posix ${ARCHIVE}
  OUTPUT_VARIABLE listing RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${NM} cannot read ${ARCHIVE}")
endif()
string(REGEX MATCHALL "[^\n]+ U[^\n]*" lines "${listing}")
list(TRANSFORM lines REPLACE "(@[^ ]*)? U.*$" "" OUTPUT_VARIABLE symbols)

must_find("a symbol" "${symbols}" ${FINDS_SYMBOLS})
must_not_find("a symbol" "${symbols}" ${NO_SYMBOLS})
must_find("a library" "${LINKS}" ${FINDS_LINKS})
must_not_find("a library" "${LINKS}" ${NO_LINKS})
