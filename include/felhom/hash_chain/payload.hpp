// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/json/strict.hpp>
#include <felhom/core/json/writer.hpp>
#include <felhom/core/parse_error.hpp>
#include <felhom/hash_chain/limits.hpp>

#include <boost/json/value.hpp>
#include <tl/expected.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::hash_chain {

/// What a record carries: one JSON object on one line.
class payload {
public:
    [[nodiscard]] static auto parse(std::string text) -> tl::expected<payload, parse_error>
    {
        const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20U; };
        if (text.empty() || text.size() > longest_payload || text.front() != '{' || text.back() != '}'
            || std::ranges::any_of(text, control) || !parse_strict_json(text, json_limits{.bytes = longest_payload})) {
            return tl::unexpected(parse_error{.what = "log payload",
                                              .rule = "one JSON object on one line, at most 64 KiB",
                                              .got = text.substr(0, 80)});
        }
        return payload{std::move(text)};
    }

    [[nodiscard]] static auto from(const boost::json::object& object) -> tl::expected<payload, parse_error>
    {
        return parse(print_json(object));
    }

    [[nodiscard]] auto text() const -> const std::string& { return text_; }

    friend auto operator==(const payload&, const payload&) -> bool = default;

private:
    explicit payload(std::string text) : text_{std::move(text)} {}

    std::string text_;
};

} // namespace felhom::hash_chain
