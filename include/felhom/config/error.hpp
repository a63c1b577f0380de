// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/config/setting.hpp>
#include <felhom/core/alternatives.hpp>
#include <felhom/core/json/error.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/core/printable.hpp>

#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace felhom::config {

/// Which layer a value comes from; the later ones win.
enum class origin { default_value, file, environment };

[[nodiscard]] inline auto describe(origin from, std::string_view path) -> std::string
{
    switch (from) {
    case origin::default_value:
        return "default";
    case origin::file:
        return "file";
    case origin::environment:
        return environment_name(path.substr(0, path.find('['))); // a list is one variable
    }
    return "nowhere";
}

/// The file is no JSON document, or an ambiguous one.
struct bad_document {
    json_syntax_error what;

    static constexpr auto code = std::string_view{"bad_document"};
    static constexpr auto is_in_file = true;
    [[nodiscard]] auto describe() const -> std::string { return felhom::describe(json_error{what}); }
    friend auto operator==(const bad_document&, const bad_document&) -> bool = default;
};

/// A key or a variable that no setting has.
struct unknown_name {
    std::string name;
    origin from;
    std::string nearest; ///< what was probably meant; empty if nothing comes near

    static constexpr auto code = std::string_view{"unknown_name"};
    [[nodiscard]] auto describe() const -> std::string
    {
        return printable(name) + ": no such "
               + (name.starts_with(environment_prefix) ? "variable of the agent" : "setting")
               + (nearest.empty() ? "" : "; did you mean " + nearest + "?");
    }
    friend auto operator==(const unknown_name&, const unknown_name&) -> bool = default;
};

/// A value that its setting cannot have.
struct bad_value {
    std::string path;
    origin from;
    std::string expected;
    std::string got; ///< never a secret

    static constexpr auto code = std::string_view{"bad_value"};
    [[nodiscard]] auto describe() const -> std::string
    {
        return describe_flaw(printable(path) + " (" + config::describe(from, path) + ")", expected, got);
    }
    friend auto operator==(const bad_value&, const bad_value&) -> bool = default;
};

/// A setting that the command needs and nobody gave.
struct missing_value {
    std::string path;
    std::string alternative; ///< the other setting that would do; empty if none

    static constexpr auto code = std::string_view{"missing_value"};
    static constexpr auto is_in_file = false;
    [[nodiscard]] auto describe() const -> std::string
    {
        return path + ": must be set, in the file or by " + environment_name(path)
               + (alternative.empty() ? "" : "; or set " + alternative);
    }
    friend auto operator==(const missing_value&, const missing_value&) -> bool = default;
};

/// Two settings of which at most one can be meant.
struct contradiction {
    std::string path;
    origin from;
    std::string other;
    origin other_from;

    static constexpr auto code = std::string_view{"contradiction"};
    [[nodiscard]] auto describe() const -> std::string
    {
        return path + " (" + config::describe(from, path) + ") and " + other + " ("
               + config::describe(other_from, other) + "): give one of them, not both";
    }
    friend auto operator==(const contradiction&, const contradiction&) -> bool = default;
};

using config_error = std::variant<bad_document, unknown_name, bad_value, missing_value, contradiction>;

/// Everything that is wrong, so that one look mends it. Never empty where it is an error.
using config_errors = std::vector<config_error>;

/// The stable name of an error, for scripts.
[[nodiscard]] inline auto code(const config_error& error) -> std::string_view
{
    return code_of(error);
}

/// Whether the file is to be mended, and not the environment.
[[nodiscard]] inline auto is_in_file(const config_error& error) -> bool
{
    const auto of_the_kind = [](const auto& e) { return std::remove_cvref_t<decltype(e)>::is_in_file; };
    return told<bool>(error, overloaded{of_the_kind, [](const unknown_name& e) { return e.from == origin::file; },
                                        [](const bad_value& e) { return e.from == origin::file; },
                                        [](const contradiction& e) {
                                            return e.from == origin::file && e.other_from == origin::file;
                                        }});
}

/// One line: which setting, where it was given, what is wrong with it and what would be right.
[[nodiscard]] inline auto describe(const config_error& error) -> std::string
{
    return description_of(error);
}

} // namespace felhom::config
