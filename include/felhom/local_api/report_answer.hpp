#pragma once

#include <felhom/core/json_cursor.hpp>
#include <felhom/core/json_error.hpp>
#include <felhom/core/json_text.hpp>
#include <felhom/core/strict_json.hpp>

#include <boost/json/object.hpp>
#include <tl/expected.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What a running agent answers to a person who asks for a report: only it knows all that stands in one.
namespace felhom::local_api {

struct report_answer {
    std::optional<std::string> report = std::nullopt;   ///< the document
    std::optional<std::string> envelope = std::nullopt; ///< what the hub answered to it, where it was sent
    std::optional<std::string> failure = std::nullopt;  ///< why there is no report, or no envelope

    friend auto operator==(const report_answer&, const report_answer&) -> bool = default;
};

inline constexpr auto report_answer_version = std::int64_t{1};

[[nodiscard]] inline auto print(const report_answer& answer) -> std::string
{
    const auto text_or_null = [](const std::optional<std::string>& text) {
        return text ? boost::json::value(*text) : boost::json::value(nullptr);
    };
    return json_text(boost::json::object{{"version", report_answer_version},
                                         {"report", text_or_null(answer.report)},
                                         {"envelope", text_or_null(answer.envelope)},
                                         {"failure", text_or_null(answer.failure)}});
}

[[nodiscard]] inline auto parse_report_answer(std::string_view text) -> tl::expected<report_answer, json_error>
{
    const auto document = parse_strict_json(text, {.bytes = std::size_t{256} << 20U});
    if (!document) {
        return tl::unexpected<json_error>(document.error());
    }
    const auto root = json_cursor::root(*document);
    const auto version = root.require("version").and_then(
        [](const json_cursor& at) { return at.integer<std::int64_t>(report_answer_version, report_answer_version); });
    if (!version) {
        return tl::unexpected<json_error>(version.error());
    }
    auto answer = report_answer{};
    struct member {
        std::string_view key;
        std::optional<std::string>* into;
    };
    for (const auto& [key, into] :
         {member{"report", &answer.report}, member{"envelope", &answer.envelope}, member{"failure", &answer.failure}}) {
        const auto at = root.require(key);
        if (!at) {
            return tl::unexpected<json_error>(at.error());
        }
        if (at->is_null()) {
            continue;
        }
        const auto value = at->string();
        if (!value) {
            return tl::unexpected<json_error>(value.error());
        }
        *into = std::string{*value};
    }
    return answer;
}

} // namespace felhom::local_api
