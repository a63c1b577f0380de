// SPDX-License-Identifier: Apache-2.0
#include "io/journal/log_file.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace felhom::io {

auto log_file::open(const disk& on, std::filesystem::path path, open_mode mode) -> log_result<log_file>
{
    const auto id = on.open(path, mode);
    if (!id) {
        if (id.error() == std::errc::no_such_file_or_directory && mode != open_mode::create_empty) {
            return tl::unexpected<log_error>(log_missing{.path = path});
        }
        return tl::unexpected<log_error>(disk_failed{.call = "open", .path = path, .error = id.error()});
    }
    return log_file{on, std::move(path), *id};
}

log_file::log_file(log_file&& other) noexcept
    : disk_{std::move(other.disk_)}, path_{std::move(other.path_)}, id_{other.id_},
      open_{std::exchange(other.open_, false)}
{
}

auto log_file::operator=(log_file&& other) noexcept -> log_file&
{
    std::swap(disk_, other.disk_);
    std::swap(path_, other.path_);
    std::swap(id_, other.id_);
    std::swap(open_, other.open_);
    return *this;
}

log_file::~log_file()
{
    if (open_) {
        disk_.close(id_);
    }
}

auto log_file::failed(std::string call, std::error_code error) const -> tl::unexpected<log_error>
{
    return tl::unexpected<log_error>(disk_failed{.call = std::move(call), .path = path_, .error = error});
}

auto log_file::examine() const -> log_result<void>
{
    const auto flaw = disk_.flaw(id_);
    if (!flaw) {
        return failed("stat", flaw.error());
    }
    if (const auto& found = *flaw) {
        return tl::unexpected<log_error>(log_exposed{.path = path_, .flaw = *found});
    }
    return {};
}

auto log_file::size() const -> log_result<std::uint64_t>
{
    const auto size = disk_.size(id_);
    return size ? log_result<std::uint64_t>{*size} : failed("stat", size.error());
}

auto log_file::read(std::span<char> into, std::uint64_t offset) const -> log_result<std::size_t>
{
    auto had = std::size_t{0};
    while (had < into.size()) {
        const auto got = disk_.read(id_, into.subspan(had), offset + had);
        if (!got) {
            return failed("read", got.error());
        }
        if (*got == 0) {
            break;
        }
        had += *got;
    }
    return had;
}

auto log_file::write(std::string_view bytes, std::uint64_t offset) -> log_result<void>
{
    while (!bytes.empty()) {
        const auto taken = disk_.write(id_, bytes, offset);
        if (!taken) {
            return failed("write", taken.error());
        }
        if (*taken == 0) {
            return failed("write", std::make_error_code(std::errc::no_space_on_device));
        }
        bytes.remove_prefix(*taken);
        offset += *taken;
    }
    return {};
}

auto log_file::write_zeros(std::uint64_t from, std::uint64_t to) -> log_result<void>
{
    static constexpr auto block = std::size_t{256} << 10U;
    const auto zeros = std::string(block, '\0'); // not kept: it is written once in megabytes
    while (from < to) {
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(block, to - from));
        if (auto written = write(std::string_view{zeros}.substr(0, size), from); !written) {
            return written;
        }
        from += size;
    }
    return {};
}

auto log_file::sync() -> log_result<void>
{
    const auto synced = disk_.sync_data(id_);
    return synced ? log_result<void>{} : failed("sync", synced.error());
}

auto log_file::truncate(std::uint64_t size) -> log_result<void>
{
    const auto cut = disk_.truncate(id_, size);
    return cut ? log_result<void>{} : failed("truncate", cut.error());
}

} // namespace felhom::io
