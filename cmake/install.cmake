# SPDX-License-Identifier: Apache-2.0
include(CMakePackageConfigHelpers)

# One component a package: felhom-agent, felhom-sign (their programs are installed where they are made) and felhom-dev.
install(TARGETS felhom ${felhom_reusable} EXPORT felhomTargets FILE_SET HEADERS COMPONENT felhom-dev)
install(EXPORT felhomTargets NAMESPACE felhom:: DESTINATION ${CMAKE_INSTALL_DATADIR}/cmake/felhom COMPONENT felhom-dev)
configure_package_config_file(cmake/felhomConfig.cmake.in felhomConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_DATADIR}/cmake/felhom)
write_basic_package_version_file(felhomConfigVersion.cmake COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/felhomConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/felhomConfigVersion.cmake
  DESTINATION ${CMAKE_INSTALL_DATADIR}/cmake/felhom COMPONENT felhom-dev)

if(FELHOM_BUILD_APP)
  file(GLOB schemas CONFIGURE_DEPENDS packaging/*.schema.json)
  install(FILES ${schemas} DESTINATION ${CMAKE_INSTALL_DATADIR}/felhom-agent COMPONENT felhom-agent)
  install(FILES README.md DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/felhom-agent COMPONENT felhom-agent)
  install(FILES docs/hub.md docs/security.md docs/signed-operations.md
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/felhom-agent/docs COMPONENT felhom-agent)
  install(FILES packaging/felhom-agent.example.json
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/felhom-agent/examples RENAME config.json COMPONENT felhom-agent)
  install(FILES packaging/felhom-agent.service DESTINATION /lib/systemd/system COMPONENT felhom-agent)
endif()
