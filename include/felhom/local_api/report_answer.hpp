// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/json/document.hpp>
#include <felhom/core/json/error.hpp>
#include <felhom/core/json/object_reader.hpp>
#include <felhom/core/json/writer.hpp>

#include <boost/json/object.hpp>
#include <tl/expected.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

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
    return read_json(text, {.bytes = std::size_t{256} << 20U}, [](const json_node& root) {
        auto in = object_reader{root};
        static_cast<void>(in.integer("version", report_answer_version, report_answer_version));
        const auto text_or_null = [&](std::string_view name) {
            return in.required(name, or_null(read_string)).value_or(std::nullopt);
        };
        auto answer = report_answer{
            .report = text_or_null("report"), .envelope = text_or_null("envelope"), .failure = text_or_null("failure")};
        return std::move(in).finish(std::move(answer));
    });
}

} // namespace felhom::local_api
