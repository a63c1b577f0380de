// SPDX-License-Identifier: Apache-2.0
#include "io/files/file_facts.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace felhom::io {

namespace {

auto type_of(mode_t mode) -> file_facts::type
{
    switch (mode & static_cast<mode_t>(S_IFMT)) {
    case S_IFREG:
        return file_facts::type::regular;
    case S_IFDIR:
        return file_facts::type::directory;
    case S_IFLNK:
        return file_facts::type::symlink;
    default:
        return file_facts::type::other;
    }
}

} // namespace

auto facts_of(int descriptor) -> tl::expected<file_facts, std::error_code>
{
    struct stat status = {};
    if (::fstat(descriptor, &status) != 0) {
        return tl::unexpected(std::error_code{errno, std::generic_category()});
    }
    static constexpr auto permissions = mode_t{07777};
    return file_facts{.what = type_of(status.st_mode),
                      .mode = status.st_mode & permissions,
                      .owner = status.st_uid,
                      .group = status.st_gid};
}

auto this_reader() -> file_reader
{
    return {.user = ::geteuid(), .group = ::getegid()};
}

} // namespace felhom::io
