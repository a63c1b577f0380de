// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/enum_table.hpp>
#include <felhom/core/exit_code.hpp>
#include <felhom/core/json/writer.hpp>
#include <felhom/core/printable.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What `doctor` looked at, what it found, and what to do about it.
namespace felhom::local_api {

enum class finding_kind : std::uint8_t {
    good,
    advice, ///< it works, and could be better
    bad,
    not_looked, ///< something is in the way, so that nobody knows: no success either
};

inline constexpr auto finding_kind_words =
    enum_table{std::array{enum_word{finding_kind::good, "good"}, enum_word{finding_kind::advice, "advice"},
                          enum_word{finding_kind::bad, "bad"}, enum_word{finding_kind::not_looked, "not_looked"}}};

[[nodiscard]] constexpr auto text_of(finding_kind kind) -> std::string_view
{
    return finding_kind_words.text_of(kind);
}

struct finding {
    std::string subject; ///< "proxmox", "journal"
    finding_kind kind;
    std::string detail;
    std::vector<std::string> fix = {};   ///< what to run or to change, a line each
    exit_code code = exit_code::success; ///< of one that is bad or was not looked at

    friend auto operator==(const finding&, const finding&) -> bool = default;
};

[[nodiscard]] inline auto good(std::string subject, std::string detail) -> finding
{
    return {.subject = std::move(subject), .kind = finding_kind::good, .detail = std::move(detail)};
}

[[nodiscard]] inline auto advice(std::string subject, std::string detail, std::vector<std::string> fix) -> finding
{
    return {.subject = std::move(subject),
            .kind = finding_kind::advice,
            .detail = std::move(detail),
            .fix = std::move(fix)};
}

/// Every failure says what to do about it: a finding without a fix cannot be made.
[[nodiscard]] inline auto bad(std::string subject, std::string detail, std::string fix, exit_code code) -> finding
{
    return {.subject = std::move(subject),
            .kind = finding_kind::bad,
            .detail = std::move(detail),
            .fix = {std::move(fix)},
            .code = code};
}

/// So does what was not looked at: what to do so that it can be.
[[nodiscard]] inline auto not_looked(std::string subject, std::string why, std::string fix, exit_code code) -> finding
{
    return {.subject = std::move(subject),
            .kind = finding_kind::not_looked,
            .detail = std::move(why),
            .fix = {std::move(fix)},
            .code = code};
}

namespace detail {

/// The same words at several places, each place once: "/vms/101, /vms/102".
[[nodiscard]] inline auto listed(const std::vector<std::string>& words) -> std::string
{
    auto text = std::string{};
    for (const auto& word : words) {
        text += (text.empty() ? "" : ", ") + word;
    }
    return text;
}

} // namespace detail

/// Whether all was looked at and none of it is bad.
[[nodiscard]] inline auto is_well(const std::vector<finding>& found) -> bool
{
    return std::ranges::none_of(found, [](const finding& one) {
        return one.kind == finding_kind::bad || one.kind == finding_kind::not_looked;
    });
}

/// The status of the first bad finding, for what comes later may only follow from it; else of the first that was not
/// looked at.
[[nodiscard]] inline auto exit_code_of(const std::vector<finding>& found) -> exit_code
{
    for (const auto kind : {finding_kind::bad, finding_kind::not_looked}) {
        const auto first = std::ranges::find(found, kind, &finding::kind);
        if (first != found.end()) {
            return first->code;
        }
    }
    return exit_code::success;
}

[[nodiscard]] inline auto to_text(const std::vector<finding>& found) -> std::string
{
    static constexpr auto column = std::size_t{14};
    auto text = std::string{};
    for (const auto& one : found) {
        const auto mark = one.kind == finding_kind::good     ? std::string_view{"ok    "}
                          : one.kind == finding_kind::advice ? std::string_view{"note  "}
                          : one.kind == finding_kind::bad    ? std::string_view{"FAIL  "}
                                                             : std::string_view{"-     "};
        auto subject = one.subject;
        subject.resize(std::max(column, subject.size() + 1), ' ');
        const auto indent = std::string(mark.size(), ' ');
        text += std::string{mark} + subject + printable_lines(one.detail, indent, 20, 1000) + "\n";
        for (const auto& line : one.fix) {
            text += indent + "fix: " + printable(line, 2000) + "\n";
        }
    }
    return text;
}

/// The format of a diagnosis; a member may be added under the same version, none is removed or changed.
inline constexpr auto doctor_schema = std::string_view{"felhom-doctor/1"};

[[nodiscard]] inline auto to_json(const std::vector<finding>& found) -> boost::json::object
{
    auto findings = boost::json::array{};
    for (const auto& one : found) {
        auto fix = boost::json::array{};
        for (const auto& line : one.fix) {
            fix.emplace_back(line);
        }
        findings.push_back(boost::json::object{
            {"subject", one.subject}, {"finding", text_of(one.kind)}, {"detail", one.detail}, {"fix", std::move(fix)}});
    }
    return {{"schema", doctor_schema}, {"well", is_well(found)}, {"findings", std::move(findings)}};
}

} // namespace felhom::local_api
