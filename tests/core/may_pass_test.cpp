// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/core/may_pass.hpp>

using namespace felhom;

TEST_CASE("a full disk, a limit, and a disk that fails may be over later")
{
    for (const auto refused : {std::errc::no_space_on_device, std::errc::too_many_files_open,
                               std::errc::too_many_files_open_in_system, std::errc::not_enough_memory,
                               std::errc::io_error, std::errc::file_too_large, std::errc::read_only_file_system,
                               std::errc::resource_unavailable_try_again, std::errc::device_or_resource_busy}) {
        CHECK(may_pass(refused));
    }
}

TEST_CASE("a name or a permission that is wrong stays so until somebody mends it")
{
    for (const auto refused :
         {std::errc::permission_denied, std::errc::operation_not_permitted, std::errc::no_such_file_or_directory,
          std::errc::not_a_directory, std::errc::is_a_directory, std::errc::too_many_symbolic_link_levels}) {
        CHECK_FALSE(may_pass(refused));
    }
}

TEST_CASE("what the system says and nobody foresaw may pass")
{
    CHECK(may_pass(static_cast<std::errc>(9999)));
}
