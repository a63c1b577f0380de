// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>

namespace felhom::authz {

/// Puts an SSH message together in place. The few that are ever signed here are short; one that does not fit stays
/// incomplete and must not be used.
class wire_writer {
public:
    [[nodiscard]] auto raw(std::string_view bytes) -> wire_writer&
    {
        complete_ = complete_ && bytes.size() <= bytes_.size() - size_;
        if (complete_) {
            bytes.copy(std::next(bytes_.data(), static_cast<std::ptrdiff_t>(size_)), bytes.size());
            size_ += bytes.size();
        }
        return *this;
    }

    /// A length and as many bytes.
    [[nodiscard]] auto string(std::string_view bytes) -> wire_writer&
    {
        const auto size = static_cast<std::uint32_t>(bytes.size());
        const auto length = std::array{static_cast<char>(size >> 24U), static_cast<char>(size >> 16U),
                                       static_cast<char>(size >> 8U), static_cast<char>(size)};
        return raw({length.data(), length.size()}).raw(bytes);
    }

    [[nodiscard]] auto bytes() const -> std::string_view { return {bytes_.data(), size_}; }
    [[nodiscard]] auto complete() const -> bool { return complete_; }

private:
    std::array<char, 256> bytes_{};
    std::size_t size_ = 0;
    bool complete_ = true;
};

} // namespace felhom::authz
