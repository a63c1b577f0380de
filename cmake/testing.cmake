# SPDX-License-Identifier: Apache-2.0
find_package(Catch2 2.13 REQUIRED)
find_package(rapidcheck REQUIRED)
include(Catch)

# The tests run from the root of the checkout, and their paths are relative to it: nothing that is compiled names the place
# of a checkout, so that every checkout finds the same in the compiler's cache.
set(FELHOM_DATA tests/data)

# One row of docs/build.md a suite: "| `name` | kind | builds | why |".
set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/build.md)
set(FELHOM_SUITES)
file(STRINGS ${PROJECT_SOURCE_DIR}/docs/build.md rows REGEX "^\\| `[a-z_]+` \\| (test|property) \\|")
foreach(row IN LISTS rows)
  string(REGEX MATCH "^\\| `([a-z_]+)` \\| (test|property) \\| ([a-z, ]*) \\|" row "${row}")
  set(suite ${CMAKE_MATCH_1}_${CMAKE_MATCH_2})
  string(REPLACE ", " ";" builds "${CMAKE_MATCH_3}")
  foreach(build IN LISTS builds)
    if(NOT build MATCHES "^(release|asan|tsan)$")
      message(FATAL_ERROR "docs/build.md: '${build}', where ${suite} shall run, is no build of ./dev test")
    endif()
  endforeach()
  if(NOT builds)
    message(FATAL_ERROR "docs/build.md: ${suite} runs in no build")
  endif()
  list(APPEND FELHOM_SUITES ${suite})
  set(FELHOM_BUILDS_OF_${suite} ${builds})
endforeach()

# felhom_runs_here(RESULT SUITE): whether this build builds and runs SUITE.
function(felhom_runs_here result suite)
  if(NOT suite IN_LIST FELHOM_SUITES)
    message(FATAL_ERROR "${suite} is in no build: give it a row in docs/build.md")
  endif()
  set_property(GLOBAL APPEND PROPERTY felhom_seen_suites ${suite})
  set(${result} FALSE PARENT_SCOPE)
  if(FELHOM_BUILD STREQUAL "" OR FELHOM_BUILD IN_LIST FELHOM_BUILDS_OF_${suite})
    set(${result} TRUE PARENT_SCOPE)
  endif()
endfunction()

# felhom_check(NAME COMMAND ARGUMENT...): a test that is no suite.
function(felhom_check name)
  cmake_parse_arguments(PARSE_ARGV 1 check "" "" "COMMAND")
  felhom_runs_here(here checks_test)
  if(here)
    add_test(NAME "${name}" COMMAND ${check_COMMAND} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  endif()
endfunction()

# felhom_suite(NAME KIND [SOAK] [LONG] LIBRARIES...): every *_KIND.cpp of the calling folder as the program NAME_KIND, each
# case registered with ctest under "NAME: ", in the builds that docs/build.md names.
# SOAK: also run by ./dev soak, with FELHOM_SOAK=1 and FELHOM_SEED in the environment.
# LONG: begun before the others, so that no processor waits for them in the end.
function(felhom_suite name kind)
  cmake_parse_arguments(PARSE_ARGV 2 suite "SOAK;LONG" "" "")
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_${kind}.cpp)
  set_property(GLOBAL APPEND PROPERTY felhom_seen_sources ${sources})
  set(target ${name}_${kind})
  felhom_runs_here(here ${target})
  add_executable(${target} EXCLUDE_FROM_ALL ${sources})
  felhom_unite(${target})
  target_include_directories(${target} PRIVATE
    ${PROJECT_SOURCE_DIR}/app ${PROJECT_SOURCE_DIR}/tests ${PROJECT_SOURCE_DIR}/property)
  target_compile_definitions(${target} PRIVATE FELHOM_DATA="${FELHOM_DATA}")
  target_link_libraries(${target} PRIVATE
    felhom_agent_rooms felhom_options Catch2::Catch2WithMain rapidcheck Threads::Threads ${suite_UNPARSED_ARGUMENTS})
  if(NOT here)
    return()
  endif()
  set_target_properties(${target} PROPERTIES EXCLUDE_FROM_ALL OFF)
  # One label, since a list does not survive catch_discover_tests; ctest -L takes a pattern, so "soak" finds it.
  set(label ${kind})
  if(suite_SOAK)
    string(APPEND label "-soak")
  endif()
  set(cost 0)
  if(suite_LONG)
    set(cost 1000)
  endif()
  # A name that ctest cannot hand on (it splits at a semicolon) would match nothing, and pass.
  catch_discover_tests(${target} TEST_PREFIX "${name}: " EXTRA_ARGS --warn NoTests WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    PROPERTIES ENVIRONMENT "RC_PARAMS=max_success=${FELHOM_PROPERTY_CASES}" LABELS ${label} COST ${cost})
endfunction()

# Ends the configuration where a row of docs/build.md has no suite, a test file is in none, or a program is not once started.
function(felhom_check_suites)
  get_property(seen GLOBAL PROPERTY felhom_seen_suites)
  foreach(suite IN LISTS FELHOM_SUITES)
    if(NOT suite IN_LIST seen)
      message(FATAL_ERROR "docs/build.md has a row for ${suite}, and there is no such suite")
    endif()
  endforeach()
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/*_test.cpp ${PROJECT_SOURCE_DIR}/tests/*_property.cpp
    ${PROJECT_SOURCE_DIR}/property/*_test.cpp ${PROJECT_SOURCE_DIR}/property/*_property.cpp)
  get_property(seen GLOBAL PROPERTY felhom_seen_sources)
  foreach(source IN LISTS sources)
    if(NOT source IN_LIST seen)
      message(FATAL_ERROR "${source} is in no suite: it would be neither built nor run")
    endif()
  endforeach()
  get_property(programs GLOBAL PROPERTY felhom_app_programs)
  get_property(started GLOBAL PROPERTY felhom_driven_by_start_test)
  list(REMOVE_ITEM programs ${started})
  if(programs)
    message(FATAL_ERROR "tests/agent/start does not start ${programs}")
  endif()
endfunction()
