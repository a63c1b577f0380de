// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/config/error.hpp>
#include <felhom/config/layered.hpp>
#include <felhom/core/overloaded.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace felhom::config {

/// One line of `config show`.
struct shown_setting {
    std::string_view path;
    std::string value; ///< a secret is "<redacted>"; empty if the setting is not set
    std::string from;  ///< "default", "file", the variable's name; "not set"

    friend auto operator==(const shown_setting&, const shown_setting&) -> bool = default;
};

namespace detail {

[[nodiscard]] inline auto shown_signers(const std::vector<signer_entry>& signers) -> std::string
{
    auto text = std::string{};
    for (const auto& one : signers) {
        text += (text.empty() ? "" : ", ") + one.key_id;
    }
    return "[" + text + "]";
}

[[nodiscard]] inline auto shown(const value& of) -> std::string
{
    return std::visit(overloaded{
                          [](const std::string& text) { return text; },
                          [](std::int64_t number) { return std::to_string(number); },
                          [](bool flag) { return std::string{flag ? "true" : "false"}; },
                          [](const secret& /*hidden*/) { return std::string{"<redacted>"}; },
                          [](const std::vector<signer_entry>& signers) { return shown_signers(signers); },
                          [](const std::vector<vmid>& ids) { return config::shown(ids); },
                          [](const object_text& object) { return object.json; },
                      },
                      of);
}

} // namespace detail

/// Every setting in the order of the table, with its value and where it comes from.
[[nodiscard]] inline auto show(const layered& from) -> std::vector<shown_setting>
{
    auto lines = std::vector<shown_setting>{};
    for (auto index = std::size_t{0}; const auto& known : settings_table) {
        const auto& given = from.at(index);
        lines.push_back(given ? shown_setting{.path = known.path,
                                              .value = detail::shown(given->what),
                                              .from = describe(given->from, known.path)}
                              : shown_setting{.path = known.path, .value = "", .from = "not set"});
        ++index;
    }
    return lines;
}

} // namespace felhom::config
