# SPDX-License-Identifier: Apache-2.0
# What only this project's own targets get: warnings, sanitizers, the compiler cache.
add_library(felhom_options INTERFACE)
target_compile_features(felhom_options INTERFACE cxx_std_20)
target_compile_options(felhom_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast -Wnon-virtual-dtor
  -Woverloaded-virtual -Wcast-align -Wformat=2 -Wnull-dereference -Wswitch-enum -Werror
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wduplicated-branches -Wlogical-op -Wuseless-cast>)

# g++ 12 reports these falsely from inside the standard library and Boost once the optimiser has inlined it; clang and the static
# analyzer keep the gate.
target_compile_options(felhom_options INTERFACE
  $<$<CXX_COMPILER_ID:GNU>:-Wno-null-dereference -Wno-maybe-uninitialized -Wno-restrict
    -Wno-stringop-overread -Wno-stringop-overflow -Wno-array-bounds>)

if(FELHOM_SANITIZE)
  # Not looked at by UBSan, and together a third of the code at -O0: pointers that are null, which AddressSanitizer reports
  # where they are used; alignment, which -Wcast-align watches; dynamic types, for which it needs a pipe: a test that leaves
  # its process no file would be told that objects are none.
  set(felhom_sanitize_flags -fsanitize=${FELHOM_SANITIZE} -fno-sanitize=null,alignment,vptr -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  target_compile_options(felhom_options INTERFACE ${felhom_sanitize_flags})
  target_link_options(felhom_options INTERFACE -fsanitize=${FELHOM_SANITIZE})
endif()

# Nothing that is compiled names the place of this checkout, so that all checkouts share what ccache keeps.
find_program(FELHOM_CCACHE ccache)
if(FELHOM_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${FELHOM_CCACHE})
endif()
target_compile_options(felhom_options INTERFACE $<$<CXX_COMPILER_ID:Clang>:-fdebug-compilation-dir=.>)

# Most of what a source costs is what it includes, so that all of a target in one translation unit compile in a fraction
# of the time. A source whose own names would clash with those of another has a namespace to itself. Not CMake's unity
# builds: those include by absolute path.
option(FELHOM_UNITE "Compile the sources of a target together; OFF: one by one, as an editor wants to know" ON)

# felhom_unite(TARGET): the sources of this checkout become one; generated ones stay by themselves.
function(felhom_unite target)
  if(NOT FELHOM_UNITE)
    return()
  endif()
  get_target_property(sources ${target} SOURCES)
  set(includes)
  set(others)
  foreach(source IN LISTS sources)
    get_filename_component(source ${source} ABSOLUTE)
    if(source MATCHES "^${PROJECT_BINARY_DIR}/")
      list(APPEND others ${source})
    else()
      file(RELATIVE_PATH source ${PROJECT_SOURCE_DIR} ${source})
      string(APPEND includes "#include \"${source}\"\n")
    endif()
  endforeach()
  set(unit ${CMAKE_CURRENT_BINARY_DIR}/${target}.cpp)
  file(CONFIGURE OUTPUT ${unit} CONTENT "@includes@" @ONLY)
  set_target_properties(${target} PROPERTIES SOURCES "${unit};${others}")
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
endfunction()

# felhom_leave_out(TARGET): in a build of some suites, only what they need is built.
function(felhom_leave_out target)
  if(FELHOM_BUILD AND NOT FELHOM_BUILD STREQUAL "release")
    set_target_properties(${target} PROPERTIES EXCLUDE_FROM_ALL ON)
  endif()
endfunction()

# felhom_library(NAME sources...): one static library of the shell, warnings on, the core in reach.
function(felhom_library name)
  add_library(${name} STATIC ${ARGN})
  felhom_unite(${name})
  felhom_leave_out(${name})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR}/app)
  target_link_libraries(${name} PUBLIC felhom_agent_rooms PRIVATE felhom_options)
endfunction()

# felhom_program(NAME sources...): one executable of the shell.
function(felhom_program name)
  add_executable(${name} ${ARGN})
  if(CMAKE_CURRENT_SOURCE_DIR MATCHES "^${PROJECT_SOURCE_DIR}/app/")
    set_property(GLOBAL APPEND PROPERTY felhom_app_programs ${name})
  endif()
  felhom_unite(${name})
  felhom_leave_out(${name})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/app)
  target_link_libraries(${name} PRIVATE felhom_agent_rooms felhom_options)
endfunction()

# felhom_place(RESULT PATH): a path below the build folder, as a test that runs from the root of the checkout finds it.
function(felhom_place result path)
  file(RELATIVE_PATH place ${PROJECT_SOURCE_DIR} ${path})
  set(${result} ${place} PARENT_SCOPE)
endfunction()

# felhom_drives(SUITE PROGRAM NAME): SUITE runs PROGRAM; NAME is its path there.
function(felhom_drives suite program name)
  set_property(GLOBAL APPEND PROPERTY felhom_driven_by_${suite} ${program})
  get_target_property(folder ${program} RUNTIME_OUTPUT_DIRECTORY)
  if(NOT folder)
    get_target_property(folder ${program} BINARY_DIR)
  endif()
  get_target_property(file ${program} OUTPUT_NAME)
  if(NOT file)
    set(file ${program})
  endif()
  felhom_place(place ${folder}/${file})
  target_compile_definitions(${suite} PRIVATE ${name}="${place}")
  add_dependencies(${suite} ${program})
endfunction()
