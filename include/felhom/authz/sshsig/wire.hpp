// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/shown.hpp>

#include <tl/expected.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::authz {

/// A field that is not what its format says.
struct bad_field {
    std::string field;
    std::size_t offset; ///< bytes from the start of the text or message that holds the field
    std::string expected;
    std::string got;

    friend auto operator==(const bad_field&, const bad_field&) -> bool = default;
};

/// Reads the fields of an SSH message one after the other (RFC 4251 section 5) and never past its end. The first
/// failure sticks: all further fields are empty, and finish() tells of it.
class wire_reader {
public:
    /// `offset` is where the message begins in the whole that its errors are to count from.
    explicit wire_reader(std::string_view message, std::size_t offset = 0) : rest_{message}, offset_{offset} {}

    /// Where the next field begins.
    [[nodiscard]] auto offset() const -> std::size_t { return offset_; }

    [[nodiscard]] auto raw(std::string_view field, std::size_t size) -> std::string_view
    {
        if (failure_) {
            return {};
        }
        if (size > rest_.size()) {
            fail(field, offset_, std::to_string(size) + " bytes", std::to_string(rest_.size()) + " bytes");
            return {};
        }
        const auto bytes = rest_.substr(0, size);
        rest_.remove_prefix(size);
        offset_ += size;
        return bytes;
    }

    [[nodiscard]] auto byte(std::string_view field) -> std::uint8_t
    {
        const auto bytes = raw(field, 1);
        return bytes.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(bytes.front());
    }

    [[nodiscard]] auto u32(std::string_view field) -> std::uint32_t
    {
        auto number = std::uint32_t{0};
        for (const auto c : raw(field, 4)) {
            number = number << 8U | static_cast<std::uint8_t>(c);
        }
        return number;
    }

    /// A length and as many bytes.
    [[nodiscard]] auto string(std::string_view field) -> std::string_view { return raw(field, u32(field)); }

    /// The magnitude of a number that must be positive and minimally encoded, so that one number has one encoding.
    [[nodiscard]] auto positive_mpint(std::string_view field) -> std::string_view
    {
        const auto at = offset_;
        auto number = string(field);
        const auto top_bit = [&](std::size_t i) { return (static_cast<std::uint8_t>(number[i]) & 0x80U) != 0; };
        if (failure_) {
            return {};
        }
        if (number.empty() || top_bit(0)) {
            fail(field, at, "a positive number", number.empty() ? "zero" : "a negative number");
            return {};
        }
        if (number.front() == '\0') {
            if (number.size() == 1 || !top_bit(1)) {
                fail(field, at, "a minimally encoded positive number", "a needless leading zero byte");
                return {};
            }
            number.remove_prefix(1);
        }
        return number;
    }

    /// Makes the field that began at `at` the failure unless `holds`.
    void require(bool holds, std::string_view field, std::size_t at, std::string_view expected, std::string_view got)
    {
        if (!holds && !failure_) {
            fail(field, at, std::string{expected}, shown(got));
        }
    }

    /// The same of a field whose bytes are told of in words.
    template <std::invocable Words>
    void require(bool holds, std::string_view field, std::size_t at, std::string_view expected, Words got)
    {
        if (!holds && !failure_) {
            fail(field, at, std::string{expected}, got());
        }
    }

    /// The value read, if every field was in order and no byte is left over.
    template <typename Value>
    [[nodiscard]] auto finish(std::string_view whole, Value value) && -> tl::expected<Value, bad_field>
    {
        if (!failure_ && !rest_.empty()) {
            fail(whole, offset_, "the end of the " + std::string{whole}, std::to_string(rest_.size()) + " bytes more");
        }
        if (failure_) {
            return tl::unexpected(*std::move(failure_));
        }
        return value;
    }

private:
    void fail(std::string_view field, std::size_t at, std::string expected, std::string got)
    {
        failure_ = bad_field{
            .field = std::string{field}, .offset = at, .expected = std::move(expected), .got = std::move(got)};
    }

    std::string_view rest_;
    std::size_t offset_;
    std::optional<bad_field> failure_;
};

} // namespace felhom::authz
