# felhom_must_not_compile(NAME SOURCE): the compiler refuses SOURCE for the reason that its first line gives, "// error: "
# and a regular expression. A source that fails for another reason fails the test.
function(felhom_must_not_compile name source)
  set(include "-I$<JOIN:$<TARGET_PROPERTY:felhom,INTERFACE_INCLUDE_DIRECTORIES>,;-I>")
  set(file ${CMAKE_CURRENT_SOURCE_DIR}/${source})
  file(STRINGS ${file} reason REGEX "^// error: " LIMIT_COUNT 1)
  string(REPLACE "// error: " "error: .*" reason "${reason}")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  add_test(NAME "${name} (must not compile)"
    COMMAND ${CMAKE_COMMAND} -E env LC_ALL=C
            ${CMAKE_CXX_COMPILER} -std=c++20 -fsyntax-only "${include}" ${file} COMMAND_EXPAND_LISTS)
  set_tests_properties("${name} (must not compile)" PROPERTIES
    PASS_REGULAR_EXPRESSION "${reason}" FAIL_REGULAR_EXPRESSION "fatal error" LABELS compile_fail)
endfunction()
