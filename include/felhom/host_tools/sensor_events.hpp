// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/decimal.hpp>
#include <felhom/core/json/error.hpp>
#include <felhom/core/printable.hpp>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/error.hpp>
#include <tl/expected.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::host_tools {

/// One temperature of this host.
struct temperature {
    std::string chip;  ///< "coretemp-isa-0000"
    std::string label; ///< "Package id 0"
    double celsius;

    friend auto operator==(const temperature&, const temperature&) -> bool = default;
};

/// The temperatures that were read, and why another was not.
struct temperatures_read {
    std::vector<temperature> all = {};
    std::vector<json_error> unread = {};

    friend auto operator==(const temperatures_read&, const temperatures_read&) -> bool = default;
};

namespace detail {

/// Where in the output of `sensors -j` a part stands: the names of the chip, the feature and the reading that it is of.
using sensor_path = std::vector<std::string>;

/// A Boost.JSON handler that picks the temperatures out of chips, features and readings. No document is made, since in
/// that the second of two features of one label would take the place of the first.
class sensor_events {
public:
    static constexpr std::size_t max_object_size = std::size_t{1} << 20U;
    static constexpr std::size_t max_array_size = std::size_t{1} << 20U;
    static constexpr std::size_t max_key_size = std::size_t{1} << 16U;
    static constexpr std::size_t max_string_size = std::size_t{1} << 20U;

    using code = boost::system::error_code;

    explicit sensor_events(sensor_path within) : path_{std::move(within)} {}

    [[nodiscard]] auto read() && -> temperatures_read { return std::move(read_); }

    static auto on_document_begin(code& /*ec*/) -> bool { return true; }
    static auto on_document_end(code& /*ec*/) -> bool { return true; }
    auto on_object_begin(code& /*ec*/) -> bool
    {
        if (is_reading()) {
            expect_other("an object");
        }
        path_.emplace_back();
        return true;
    }
    auto on_object_end(std::size_t /*count*/, code& /*ec*/) -> bool
    {
        path_.pop_back();
        return true;
    }
    auto on_array_begin(code& /*ec*/) -> bool
    {
        expect_other("an array");
        ++arrays_;
        return true;
    }
    auto on_array_end(std::size_t /*count*/, code& /*ec*/) -> bool
    {
        --arrays_;
        return true;
    }
    auto on_key_part(std::string_view part, std::size_t /*n*/, code& /*ec*/) -> bool
    {
        text_ += part;
        return true;
    }
    auto on_key(std::string_view part, std::size_t /*n*/, code& /*ec*/) -> bool
    {
        text_ += part;
        path_.back() = std::exchange(text_, {});
        return true;
    }
    auto on_string_part(std::string_view part, std::size_t /*n*/, code& /*ec*/) -> bool
    {
        text_ += part;
        return true;
    }
    auto on_string(std::string_view part, std::size_t /*n*/, code& /*ec*/) -> bool
    {
        text_ += part;
        expect_other("\"" + printable(std::exchange(text_, {}), 60) + "\"");
        return true;
    }
    auto on_number_part(std::string_view part, code& /*ec*/) -> bool
    {
        text_ += part;
        return true;
    }
    auto on_int64(std::int64_t /*number*/, std::string_view text, code& /*ec*/) -> bool { return on_number(text); }
    auto on_uint64(std::uint64_t /*number*/, std::string_view text, code& /*ec*/) -> bool { return on_number(text); }
    auto on_double(double /*rounded*/, std::string_view text, code& /*ec*/) -> bool { return on_number(text); }
    auto on_bool(bool flag, code& /*ec*/) -> bool
    {
        expect_other(flag ? "true" : "false");
        return true;
    }
    /// A sensor that gave nothing.
    auto on_null(code& /*ec*/) -> bool
    {
        if (!is_reading()) {
            expect_other("null");
        }
        return true;
    }
    static auto on_comment_part(std::string_view /*part*/, code& /*ec*/) -> bool { return true; }
    static auto on_comment(std::string_view /*part*/, code& /*ec*/) -> bool { return true; }

private:
    static constexpr auto chip = std::size_t{1};
    static constexpr auto reading = std::size_t{3};

    auto on_number(std::string_view last_part) -> bool
    {
        text_ += last_part;
        const auto text = std::exchange(text_, {});
        const auto number = parse_decimal<double>(text);
        if (is_reading() && number && std::isfinite(*number)) {
            read_.all.push_back({.chip = path_[0], .label = path_[1], .celsius = *number});
        } else {
            expect_other(text);
        }
        return true;
    }

    /// Whether this is the place of a temperature. Beside it stand its limits, and what is no temperature.
    [[nodiscard]] auto is_reading() const -> bool
    {
        return arrays_ == 0 && path_.size() == reading && path_.back().starts_with("temp")
               && path_.back().ends_with("_input");
    }

    /// Notes what stands in the place of a chip or of a temperature and is none.
    void expect_other(const std::string& got)
    {
        const auto* const wanted = is_reading() ? "a number" : arrays_ == 0 && path_.size() <= chip ? "an object" : "";
        if (*wanted == '\0') {
            return;
        }
        auto place = std::string{"$"};
        for (const auto& name : path_) {
            place += "." + printable(name);
        }
        read_.unread.emplace_back(json_type_error{.path = std::move(place), .expected = wanted, .got = got});
    }

    sensor_path path_;
    std::size_t arrays_ = 0;
    std::string text_;
    temperatures_read read_;
};

} // namespace detail

} // namespace felhom::host_tools
