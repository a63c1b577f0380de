include(CMakePackageConfigHelpers)

install(TARGETS felhom ${felhom_reusable} EXPORT felhomTargets FILE_SET HEADERS COMPONENT felhom-dev)
install(EXPORT felhomTargets NAMESPACE felhom:: DESTINATION ${CMAKE_INSTALL_DATADIR}/cmake/felhom COMPONENT felhom-dev)
configure_package_config_file(cmake/felhomConfig.cmake.in felhomConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_DATADIR}/cmake/felhom)
write_basic_package_version_file(felhomConfigVersion.cmake COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/felhomConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/felhomConfigVersion.cmake
  DESTINATION ${CMAKE_INSTALL_DATADIR}/cmake/felhom COMPONENT felhom-dev)
