# SPDX-License-Identifier: Apache-2.0
# cmake -DBUILD=… -DWORK=… -P run.cmake: builds examples/ against what is installed, and runs each program.
function(run result output)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE text ERROR_VARIABLE complaint)
  if(NOT status EQUAL result OR NOT "${text}${complaint}" MATCHES "${output}")
    message(FATAL_ERROR "${ARGN}: ended with ${status}\n${text}${complaint}")
  endif()
endfunction()

file(REMOVE_RECURSE ${WORK})
run(0 "" ${CMAKE_COMMAND} --install ${BUILD} --component felhom-dev --prefix ${WORK}/installed)
run(0 "" ${CMAKE_COMMAND} -S examples -B ${WORK}/build -G Ninja -DCMAKE_PREFIX_PATH=${WORK}/installed
  -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER})
run(0 "" ${CMAKE_COMMAND} --build ${WORK}/build)

file(WRITE ${WORK}/lines "{\"n\":1}\n{\"n\":2}\n")
run(0 "2 records, the head is 2:[0-9a-f]+" sh -c "${WORK}/build/chained_log ${WORK}/log <${WORK}/lines")
run(0 "4 records, the head is 4:[0-9a-f]+" sh -c "${WORK}/build/chained_log ${WORK}/log <${WORK}/lines")
run(0 "guest 109: update configuration" ${WORK}/build/plan_guest tests/examples/desired.json pve1 109
  tests/examples/pending.json)
# Signed by a key of these tests, for a minute that is long over: all that comes before the look at the clock holds.
run(1 "valid until 2026-11-30T06:29:19Z" ${WORK}/build/verify_bundle tests/data/golden-0.1.0/signers.json host-a
  tests/data/golden-0.1.0/bundles/stop.bundle)
run(1 "host-a" ${WORK}/build/verify_bundle tests/data/golden-0.1.0/signers.json host-b
  tests/data/golden-0.1.0/bundles/stop.bundle)
