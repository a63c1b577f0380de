// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace felhom::tests {

/// A new directory under TMPDIR that is gone with this value.
class scratch_directory {
public:
    scratch_directory()
    {
        auto name = (std::filesystem::temp_directory_path() / "felhom-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error{"no scratch directory: " + name};
        }
        path_ = name;
    }
    scratch_directory(const scratch_directory&) = delete;
    scratch_directory(scratch_directory&&) = delete;
    auto operator=(const scratch_directory&) -> scratch_directory& = delete;
    auto operator=(scratch_directory&&) -> scratch_directory& = delete;
    ~scratch_directory()
    {
        auto ignored = std::error_code{};
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] auto operator/(const std::string& name) const -> std::filesystem::path { return path_ / name; }

private:
    std::filesystem::path path_;
};

} // namespace felhom::tests
