find_package(Catch2 2.13 REQUIRED)
find_package(rapidcheck REQUIRED)
include(Catch)

set(FELHOM_DATA ${PROJECT_SOURCE_DIR}/tests/data)

# Everything that ctest -L threads needs: what ThreadSanitizer is built for.
add_custom_target(felhom_threads)

# felhom_drives(SUITE PROGRAM NAME FOLDER): SUITE runs the program that app/FOLDER builds; NAME is its path there.
function(felhom_drives suite program name folder)
  set(file $<TARGET_FILE:${program}>)
  if(FELHOM_PROGRAMS)
    set(file ${FELHOM_PROGRAMS}/app/${folder}/${program})
  else()
    add_dependencies(${suite} ${program})
  endif()
  target_compile_definitions(${suite} PRIVATE ${name}="${file}")
endfunction()

# felhom_suite(NAME KIND [THREADS] [SOAK] LIBRARIES...): every *_test.cpp (or *_property.cpp) of the calling folder as one
# program, each case registered with ctest under "NAME: ". THREADS: also run under ThreadSanitizer. SOAK: also run by
# ./dev soak, with FELHOM_SOAK=1 and FELHOM_SEED in the environment.
# LONG: begun before the others, so that no processor waits for them in the end.
# PURE: its cases neither wait nor change their process, so that FELHOM_WHOLE_SUITES may run them in one.
option(FELHOM_WHOLE_SUITES "One process for all cases of a pure suite: where a process is slow to start" OFF)
function(felhom_suite name kind)
  cmake_parse_arguments(PARSE_ARGV 2 suite "THREADS;SOAK;LONG;PURE" "" "")
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_${kind}.cpp)
  if(NOT sources)
    return()
  endif()
  set(target ${name}_${kind})
  add_executable(${target} ${sources})
  felhom_unite(${target})
  target_include_directories(${target} PRIVATE
    ${PROJECT_SOURCE_DIR}/app ${PROJECT_SOURCE_DIR}/tests ${PROJECT_SOURCE_DIR}/property)
  target_compile_definitions(${target} PRIVATE FELHOM_DATA="${FELHOM_DATA}")
  target_link_libraries(${target} PRIVATE
    felhom::felhom felhom_options Catch2::Catch2WithMain rapidcheck Threads::Threads ${suite_UNPARSED_ARGUMENTS})
  # One label, since a list does not survive catch_discover_tests; ctest -L takes a pattern, so "threads" finds it.
  set(label ${kind})
  if(suite_THREADS)
    string(APPEND label "-threads")
    add_dependencies(felhom_threads ${target})
  endif()
  if(suite_SOAK)
    string(APPEND label "-soak")
  endif()
  set(cost 0)
  if(suite_LONG)
    set(cost 1000)
  endif()
  set(properties ENVIRONMENT "RC_PARAMS=max_success=${FELHOM_PROPERTY_CASES}" LABELS ${label} COST ${cost})
  if(FELHOM_WHOLE_SUITES AND suite_PURE)
    add_test(NAME "${name}: all" COMMAND ${target} --warn NoTests)
    set_tests_properties("${name}: all" PROPERTIES ${properties})
    return()
  endif()
  # A name that ctest cannot hand on (it splits at a semicolon) would match nothing, and pass.
  catch_discover_tests(${target} TEST_PREFIX "${name}: " EXTRA_ARGS --warn NoTests PROPERTIES ${properties})
endfunction()
