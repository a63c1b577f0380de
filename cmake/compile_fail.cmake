# SPDX-License-Identifier: Apache-2.0
# The compiler in whose words the sources give their reasons, whatever the rest is built with.
find_program(FELHOM_REFUSING_COMPILER g++ REQUIRED)

# felhom_must_not_compile(NAME SOURCE): that compiler refuses SOURCE for the reason that its first line gives, "// error: "
# and a regular expression. A source that fails for another reason fails the test. All sources are one translation unit
# and one test, since most of what they cost is what they include; so their names differ.
function(felhom_must_not_compile name source)
  set_property(GLOBAL APPEND PROPERTY felhom_compile_fail_names "${name}")
  set_property(GLOBAL APPEND PROPERTY felhom_compile_fail_sources ${CMAKE_CURRENT_SOURCE_DIR}/${source})
  get_property(names GLOBAL PROPERTY felhom_compile_fail_names)
  list(LENGTH names count)
  if(count EQUAL 1)
    cmake_language(DEFER DIRECTORY ${PROJECT_SOURCE_DIR}/tests CALL felhom_add_compile_fail_test)
  endif()
endfunction()

function(felhom_add_compile_fail_test)
  get_property(names GLOBAL PROPERTY felhom_compile_fail_names)
  get_property(sources GLOBAL PROPERTY felhom_compile_fail_sources)
  set(includes)
  set(cases)
  foreach(source IN LISTS sources)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
    file(STRINGS ${source} lines REGEX "^#include ")
    list(APPEND includes ${lines})
    get_filename_component(stem ${source} NAME_WE)
    string(APPEND cases "namespace ${stem} {\n#include \"${source}\"\n}\n")
  endforeach()
  # The headers first: within the namespaces, #pragma once leaves nothing of them.
  list(REMOVE_DUPLICATES includes)
  list(JOIN includes "\n" includes)
  set(unit ${CMAKE_CURRENT_BINARY_DIR}/must_not_compile.cpp)
  file(CONFIGURE OUTPUT ${unit} CONTENT "@includes@\n@cases@" @ONLY)
  list(JOIN names "|" names)
  list(JOIN sources "|" sources)
  felhom_check("what must not compile does not, for the reason that it gives"
    COMMAND ${CMAKE_COMMAND} -D "NAMES=${names}" -D "SOURCES=${sources}"
            -P ${PROJECT_SOURCE_DIR}/cmake/check_compile_fail.cmake
            -- ${FELHOM_REFUSING_COMPILER} -std=c++20 -fsyntax-only -I${PROJECT_SOURCE_DIR}/include ${unit})
endfunction()
