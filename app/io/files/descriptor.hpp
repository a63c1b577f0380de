// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <utility>

namespace felhom::io {

/// An open file descriptor, closed when it dies.
class file_descriptor {
public:
    explicit file_descriptor(int number) : number_{number} {}

    file_descriptor(const file_descriptor&) = delete;
    auto operator=(const file_descriptor&) -> file_descriptor& = delete;
    file_descriptor(file_descriptor&& other) noexcept : number_{std::exchange(other.number_, -1)} {}
    auto operator=(file_descriptor&& other) noexcept -> file_descriptor&
    {
        std::swap(number_, other.number_);
        return *this;
    }

    ~file_descriptor()
    {
        if (number_ >= 0) {
            ::close(number_);
        }
    }

    [[nodiscard]] auto number() const -> int { return number_; }
    [[nodiscard]] auto is_open() const -> bool { return number_ >= 0; }

private:
    int number_;
};

} // namespace felhom::io
