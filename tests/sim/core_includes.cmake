# SPDX-License-Identifier: Apache-2.0
# The simulated node is the other side: what it took from the core's rooms of Proxmox VE, it could not contradict.
file(GLOB_RECURSE sources ${SIM}/*.hpp ${SIM}/*.cpp)
foreach(source IN LISTS sources)
  file(STRINGS ${source} lines REGEX "#include <felhom/")
  foreach(line IN LISTS lines)
    if(NOT line MATCHES "<felhom/core/")
      message(SEND_ERROR "${source}: ${line}")
    endif()
  endforeach()
endforeach()
if(NOT sources)
  message(SEND_ERROR "${SIM}: no sources")
endif()
