// SPDX-License-Identifier: Apache-2.0
#include "sign/plan_params.hpp"

#include <felhom/core/json/document.hpp>
#include <felhom/core/json/object_reader.hpp>
#include <felhom/core/printable.hpp>

#include <boost/json/array.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace felhom::sign {

namespace {

constexpr auto longest_plan = std::size_t{64} << 20U;
constexpr auto plan_format = std::string_view{"felhom-plan/1"};
constexpr auto held_code = std::string_view{"needs_signature"};

/// One difference that the plan leaves as it is.
struct left_line {
    std::uint32_t guest;
    std::optional<std::string> key;
    std::optional<std::string> to;
    std::string reason;
};

auto read_line(const json_node& at) -> tl::expected<left_line, json_error>
{
    auto in = object_reader{at};
    auto line = left_line{.guest = in.integer<std::uint32_t>("vmid"),
                          .key = in.required("key", or_null(read_string)).value_or(std::nullopt),
                          .to = in.required("to", or_null(read_string)).value_or(std::nullopt),
                          .reason = in.text("reason")};
    return std::move(in).finish(std::move(line));
}

struct read_plan {
    std::string schema;
    std::vector<left_line> left;
};

auto parse_plan(std::string_view text) -> tl::expected<read_plan, json_error>
{
    static constexpr auto limits = json_limits{.bytes = longest_plan};
    return read_json(text, limits, [](const json_node& root) {
        auto in = object_reader{root};
        auto plan = read_plan{.schema = in.text("schema"), .left = in.each("skipped", read_line)};
        return std::move(in).finish(std::move(plan));
    });
}

} // namespace

auto params_from_plan(std::string_view plan, vmid guest) -> tl::expected<boost::json::object, std::string>
{
    const auto read = parse_plan(plan).map_error([](const json_error& e) { return "the plan: " + describe(e); });
    if (!read) {
        return tl::unexpected(read.error());
    }
    if (read->schema != plan_format) {
        return tl::unexpected("the plan is '" + printable(read->schema)
                              + "', and not what `felhom-agent plan --json` prints");
    }
    auto set = boost::json::object{};
    auto removed = boost::json::array{};
    for (const auto& line : read->left) {
        if (line.guest != guest.number() || line.reason != held_code || !line.key) {
            continue;
        }
        if (line.to) {
            set.emplace(*line.key, *line.to);
        } else {
            removed.emplace_back(*line.key);
        }
    }
    auto params = boost::json::object{};
    if (!set.empty()) {
        params.emplace("set", std::move(set));
    }
    if (!removed.empty()) {
        params.emplace("delete", std::move(removed));
    }
    if (params.empty()) {
        return tl::unexpected("the plan has nothing of guest " + guest.text() + " that waits for a signature");
    }
    return params;
}

} // namespace felhom::sign
