// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/journal/disk.hpp"
#include "io/journal/log_error.hpp"

#include <tl/expected.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace felhom::io {

template <typename T>
using log_result = tl::expected<T, log_error>;

/// An open file of a disk that closes itself and names itself in its errors.
class log_file {
public:
    [[nodiscard]] static auto open(const disk& on, std::filesystem::path path, open_mode mode) -> log_result<log_file>;

    log_file(const log_file&) = delete;
    log_file(log_file&& other) noexcept;
    auto operator=(const log_file&) -> log_file& = delete;
    auto operator=(log_file&& other) noexcept -> log_file&;
    ~log_file();

    /// An error when others than its owner can read or write the file.
    [[nodiscard]] auto examine() const -> log_result<void>;
    [[nodiscard]] auto path() const -> const std::filesystem::path& { return path_; }
    [[nodiscard]] auto size() const -> log_result<std::uint64_t>;
    /// Reads until the buffer is full or the file ends.
    [[nodiscard]] auto read(std::span<char> into, std::uint64_t offset) const -> log_result<std::size_t>;
    /// Writes all of it, in several calls where the disk takes less at once.
    [[nodiscard]] auto write(std::string_view bytes, std::uint64_t offset) -> log_result<void>;
    [[nodiscard]] auto write_zeros(std::uint64_t from, std::uint64_t to) -> log_result<void>;
    [[nodiscard]] auto sync() -> log_result<void>;
    [[nodiscard]] auto truncate(std::uint64_t size) -> log_result<void>;

private:
    log_file(disk on, std::filesystem::path path, file_id id) : disk_{std::move(on)}, path_{std::move(path)}, id_{id} {}

    [[nodiscard]] auto failed(std::string call, std::error_code error) const -> tl::unexpected<log_error>;

    disk disk_;
    std::filesystem::path path_;
    file_id id_;
    bool open_ = true;
};

} // namespace felhom::io
