// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/instant.hpp>
#include <felhom/core/log_level.hpp>
#include <felhom/core/secret.hpp>

#include <concepts>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <span>
#include <string>
#include <string_view>

namespace felhom::io {

/// One key and its value in a line of the log.
struct log_field {
    std::string_view key;
    std::string value;

    log_field(std::string_view name, std::string_view text) : key{name}, value{text} {}
    template <std::integral Number>
        requires(!std::same_as<Number, bool>)
    log_field(std::string_view name, Number number) : key{name}, value{std::to_string(number)}
    {
    }
    log_field(std::string_view name, std::same_as<bool> auto flag) : key{name}, value{flag ? "true" : "false"} {}
    log_field(std::string_view name, const secret& hidden) = delete;
};

using log_fields = std::span<const log_field>;

/// How a line begins.
enum class log_style {
    plain,   ///< with the time and the level
    journal, ///< with the priority that journald takes off again (sd-daemon(3)); it knows the time itself
};

/// The line for an event, without its end. No value can break the line or look like another field.
[[nodiscard]] auto log_line(log_style style, instant now, log_level level, std::string_view message, log_fields fields)
    -> std::string;
[[nodiscard]] inline auto log_line(log_style style, instant now, log_level level, std::string_view message,
                                   std::initializer_list<log_field> fields) -> std::string
{
    return log_line(style, now, level, message, log_fields{std::data(fields), fields.size()});
}

/// Journal, if standard error leads there (JOURNAL_STREAM of systemd.exec(5) names it), else plain.
[[nodiscard]] auto style_of_stderr() -> log_style;

/// Writes structured lines, each with one call, so that threads do not mix theirs.
class logger {
public:
    using sink = std::function<void(std::string_view line)>;
    using clock = std::function<instant()>;

    /// Logs to standard error.
    explicit logger(log_level most);
    logger(log_level most, log_style style, clock now, sink out);

    [[nodiscard]] auto logs(log_level level) const -> bool { return level <= most_; }

    void log(log_level level, std::string_view message, log_fields fields = {}) const;
    void log(log_level level, std::string_view message, std::initializer_list<log_field> fields) const
    {
        log(level, message, log_fields{std::data(fields), fields.size()});
    }

    /// What must be told whatever the level: nothing silences it.
    void insist(std::string_view message) const;

    void error(std::string_view message, std::initializer_list<log_field> fields = {}) const;
    void warning(std::string_view message, std::initializer_list<log_field> fields = {}) const;
    void notice(std::string_view message, std::initializer_list<log_field> fields = {}) const;
    void info(std::string_view message, std::initializer_list<log_field> fields = {}) const;
    void debug(std::string_view message, std::initializer_list<log_field> fields = {}) const;

private:
    log_level most_;
    log_style style_;
    clock now_;
    sink out_;
};

} // namespace felhom::io
