// SPDX-License-Identifier: Apache-2.0
#include "io/files/whole_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>

namespace felhom::io {

auto failed(const std::string& path, std::string doing) -> tl::unexpected<file_error>
{
    const auto error = errno;
    return error == ENOENT
               ? tl::unexpected<file_error>(file_missing{path})
               : tl::unexpected<file_error>(file_failed{.path = path, .doing = std::move(doing), .error = error});
}

auto read_file(const std::string& path, std::size_t limit) -> tl::expected<std::string, file_error>
{
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): open(2) is one
    const auto file = file_descriptor{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    return file.is_open() ? read_all(file, path, limit) : failed(path, "open");
}

auto read_all(const file_descriptor& file, const std::string& path, std::size_t limit)
    -> tl::expected<std::string, file_error>
{
    auto text = std::string{};
    auto filled = std::size_t{0};
    while (filled <= limit) {
        if (filled == text.size()) {
            text.resize(std::min(limit + 1, std::max(std::size_t{4096}, 2 * filled)));
        }
        const auto rest = std::span{text}.subspan(filled);
        const auto got = ::read(file.number(), rest.data(), rest.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return failed(path, "read");
        }
        if (got == 0) {
            text.resize(filled);
            return text;
        }
        filled += static_cast<std::size_t>(got);
    }
    return tl::unexpected<file_error>(file_too_large{.path = path, .limit = limit});
}

auto write_all(const file_descriptor& file, const std::string& path, std::string_view rest)
    -> tl::expected<void, file_error>
{
    while (!rest.empty()) {
        const auto put = ::write(file.number(), rest.data(), rest.size());
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put < 0) {
            return failed(path, "write");
        }
        rest.remove_prefix(static_cast<std::size_t>(put));
    }
    return {};
}

} // namespace felhom::io
