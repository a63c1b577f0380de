#pragma once

#include <felhom/core/ill_formed.hpp>
#include <felhom/core/strict_json.hpp>
#include <felhom/durable/limits.hpp>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <tl/expected.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::durable {

/// What a record carries: one JSON object on one line.
class payload {
public:
    [[nodiscard]] static auto parse(std::string text) -> tl::expected<payload, ill_formed>
    {
        const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20U; };
        if (text.empty() || text.size() > longest_payload || text.front() != '{' || text.back() != '}'
            || std::ranges::any_of(text, control) || !parse_strict_json(text, json_limits{.bytes = longest_payload})) {
            return tl::unexpected(ill_formed{.what = "log payload",
                                             .rule = "one JSON object on one line, at most 64 KiB",
                                             .got = text.substr(0, 80)});
        }
        return payload{std::move(text)};
    }

    [[nodiscard]] static auto from(const boost::json::object& object) -> tl::expected<payload, ill_formed>
    {
        return parse(boost::json::serialize(object));
    }

    [[nodiscard]] auto text() const -> const std::string& { return text_; }

    friend auto operator==(const payload&, const payload&) -> bool = default;

private:
    explicit payload(std::string text) : text_{std::move(text)} {}

    std::string text_;
};

} // namespace felhom::durable
