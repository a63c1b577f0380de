// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/enum_table.hpp>

#include <array>
#include <optional>
#include <string_view>

namespace felhom {

/// How much is logged: everything up to this level.
enum class log_level { error, warning, notice, info, debug };

inline constexpr auto log_level_words = enum_table{std::array{
    enum_word{log_level::error, "error"}, enum_word{log_level::warning, "warning"},
    enum_word{log_level::notice, "notice"}, enum_word{log_level::info, "info"}, enum_word{log_level::debug, "debug"}}};

[[nodiscard]] constexpr auto name(log_level level) -> std::string_view
{
    return log_level_words.text_of(level);
}

/// The level of this name, if there is one.
[[nodiscard]] constexpr auto parse_log_level(std::string_view text) -> std::optional<log_level>
{
    return log_level_words.parse(text);
}

} // namespace felhom
