# SPDX-License-Identifier: Apache-2.0
# The header-only core: each room is a target with what it needs, as the table of docs/architecture.md has it.
# Nothing here may leak warnings or build options into a consumer.

# felhom_room(NAME target...)
function(felhom_room name)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/felhom/${name}/*.hpp)
  add_library(felhom_room_${name} INTERFACE)
  add_library(felhom::${name} ALIAS felhom_room_${name})
  set_target_properties(felhom_room_${name} PROPERTIES EXPORT_NAME ${name})
  target_compile_features(felhom_room_${name} INTERFACE cxx_std_20)
  target_sources(felhom_room_${name} INTERFACE FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/include FILES ${headers})
  target_link_libraries(felhom_room_${name} INTERFACE ${ARGN})
endfunction()

felhom_room(core range-v3::range-v3 tl::expected Boost::json OpenSSL::Crypto)
felhom_room(net felhom::core date::date)
felhom_room(hash_chain felhom::core)
felhom_room(proxmox felhom::net)
felhom_room(authz felhom::hash_chain)
felhom_room(reconcile felhom::proxmox)

# What other programs may reuse, and all of it at once.
set(felhom_reusable core net hash_chain proxmox authz reconcile)
list(TRANSFORM felhom_reusable PREPEND felhom_room_)
add_library(felhom INTERFACE)
add_library(felhom::felhom ALIAS felhom)
target_link_libraries(felhom INTERFACE felhom::authz felhom::reconcile)

# The agent's own rooms.
felhom_room(operate felhom::felhom)
felhom_room(host_tools felhom::core)
felhom_room(hub felhom::operate felhom::host_tools)
felhom_room(present felhom::hub)
felhom_room(local_api felhom::hub)
felhom_room(config felhom::hub)
add_library(felhom_agent_rooms INTERFACE)
target_link_libraries(felhom_agent_rooms INTERFACE felhom::present felhom::local_api felhom::config)
