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

find_program(FELHOM_CCACHE ccache)
if(FELHOM_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${FELHOM_CCACHE})
endif()

# Most of what a source costs is what it includes, so that all of a target in one translation unit compile in a fraction
# of the time. A source whose own names would clash with those of another has a namespace to itself. Off where single files
# are compiled again and again.
option(FELHOM_UNITE "Compile the sources of a target together" ON)

# What the core's templates cost is most of the rest: clang reads, instantiates and compiles them once, and all that
# includes the core begins from there and links that. g++ can do the first half only, at 900 MB, and gains little. The builds
# without it see what a source forgets to include.
option(FELHOM_PRECOMPILE "Compile the core once for everything built here (clang, one set of flags, no optimisation)" OFF)
if(FELHOM_PRECOMPILE)
  file(WRITE ${PROJECT_BINARY_DIR}/precompiled_core.cpp "")
  add_library(felhom_precompiled_core OBJECT ${PROJECT_BINARY_DIR}/precompiled_core.cpp)
  target_link_libraries(felhom_precompiled_core PRIVATE felhom::felhom felhom_options)
  target_precompile_headers(felhom_precompiled_core PRIVATE ${felhom_headers})
  target_compile_options(felhom_precompiled_core PRIVATE
    "SHELL:-Xclang -fmodules-codegen"
    "SHELL:-Xclang -fno-pch-timestamp") # for ccache

  # What -fmodules-codegen leaves out of whoever includes the core: its functions, in a library of their own, where they
  # can be optimised once for all, as tests compute mostly in them. A sanitizer is to see them as they stand.
  set(precompiled ${PROJECT_BINARY_DIR}/CMakeFiles/felhom_precompiled_core.dir/cmake_pch.hxx.pch)
  string(TOUPPER "${CMAKE_BUILD_TYPE}" build_type)
  separate_arguments(flags UNIX_COMMAND "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${build_type}}")
  if(NOT FELHOM_SANITIZE)
    list(APPEND flags -O1)
  endif()
  set(felhom_core_code ${PROJECT_BINARY_DIR}/libfelhom_core_code.a)
  add_custom_command(OUTPUT ${felhom_core_code} BYPRODUCTS ${PROJECT_BINARY_DIR}/core_code.o
    COMMAND ${CMAKE_CXX_COMPILER} ${flags} ${felhom_sanitize_flags} -std=c++20 -c ${precompiled} -o core_code.o
    COMMAND ${CMAKE_AR} rcs ${felhom_core_code} core_code.o
    WORKING_DIRECTORY ${PROJECT_BINARY_DIR} DEPENDS ${precompiled} COMMENT "Compiling the core's functions" VERBATIM)
  add_custom_target(felhom_core_code DEPENDS ${felhom_core_code})
endif()

# felhom_unite(TARGET)
function(felhom_unite target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${FELHOM_UNITE} UNITY_BUILD_BATCH_SIZE 0)
  if(FELHOM_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM felhom_precompiled_core)
    # By its path: a target of that name would be waited for by what is only compiled.
    target_link_libraries(${target} PRIVATE ${felhom_core_code})
  endif()
endfunction()

# felhom_compile_apart(TARGET): without the precompiled core, and so with optimisation of its own, for what computes.
function(felhom_compile_apart target)
  if(FELHOM_PRECOMPILE)
    set_target_properties(${target} PROPERTIES DISABLE_PRECOMPILE_HEADERS ON)
    if(NOT FELHOM_SANITIZE)
      target_compile_options(${target} PRIVATE -O1)
    endif()
  endif()
endfunction()

# felhom_library(NAME sources...): one static library of the shell, warnings on, the core in reach.
function(felhom_library name)
  add_library(${name} STATIC ${ARGN})
  felhom_unite(${name})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR}/app)
  target_link_libraries(${name} PUBLIC felhom::felhom PRIVATE felhom_options)
endfunction()

# The programs under test are compiled as users get them, and once; what drives them is another build.
set(FELHOM_PROGRAMS "" CACHE PATH "A build whose programs the tests run, in place of those built here")

# felhom_program(NAME sources...): one executable of the shell.
function(felhom_program name)
  add_executable(${name} ${ARGN})
  if(FELHOM_PROGRAMS)
    set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL ON)
  endif()
  felhom_unite(${name})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/app)
  target_link_libraries(${name} PRIVATE felhom::felhom felhom_options)
endfunction()
