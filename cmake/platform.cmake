# SPDX-License-Identifier: Apache-2.0
# Every name that this Debian release decides: package names for find_package, their versions and targets.
# The apt package names stand in packaging/debian-packages, the Catch2 header in tests/support/catch.hpp.

# range-v3's version file demands an exact match, so it is asked for without one.
find_package(range-v3 REQUIRED)
find_package(tl-expected 1.0 REQUIRED)
if(PROJECT_IS_TOP_LEVEL)
  set(Boost_USE_STATIC_LIBS ON)
endif()
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto)
find_package(date REQUIRED)

# What only the programs and the tests need; the core alone is had without.
if(FELHOM_BUILD_APP OR FELHOM_BUILD_TESTS)
  find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto SSL)
  find_package(CLI11 2.1 REQUIRED)
  find_package(CURL 7.88 REQUIRED)
  find_package(Threads REQUIRED)
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(systemd REQUIRED IMPORTED_TARGET libsystemd)
endif()
