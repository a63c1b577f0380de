#pragma once

#include <optional>
#include <string_view>

namespace felhom::config {

/// How much is logged: everything up to this level.
enum class log_level { error, warning, notice, info, debug };

[[nodiscard]] constexpr auto name(log_level level) -> std::string_view
{
    switch (level) {
    case log_level::error:
        return "error";
    case log_level::warning:
        return "warning";
    case log_level::notice:
        return "notice";
    case log_level::info:
        return "info";
    case log_level::debug:
        return "debug";
    }
    return "";
}

/// The level of this name, if there is one.
[[nodiscard]] constexpr auto parse_log_level(std::string_view text) -> std::optional<log_level>
{
    for (const auto level :
         {log_level::error, log_level::warning, log_level::notice, log_level::info, log_level::debug}) {
        if (name(level) == text) {
            return level;
        }
    }
    return std::nullopt;
}

} // namespace felhom::config
