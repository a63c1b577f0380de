// SPDX-License-Identifier: Apache-2.0
#pragma once

// Debian 12 has Catch2 2.13; the header of version 3 has another name.
#include <catch2/catch.hpp>
