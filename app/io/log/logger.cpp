// SPDX-License-Identifier: Apache-2.0
#include "io/log/logger.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <utility>

namespace felhom::io {

namespace {

auto is_plain(char c) -> bool
{
    return c > ' ' && c < '\x7f' && c != '"' && c != '=' && c != '\\';
}

auto hex(char c) -> std::string
{
    auto text = std::string{"\\x"};
    append_hex(text, static_cast<unsigned char>(c));
    return text;
}

/// A value as it is, when that is clear, and else in quotes with escapes. Bytes of UTF-8 stay, but for the control
/// characters U+0080 to U+009F, which terminals obey.
auto escaped(std::string_view value) -> std::string
{
    auto text = std::string{};
    auto plain = !value.empty();
    auto before = '\0';
    for (const auto c : value) {
        const auto byte = static_cast<unsigned char>(c);
        const auto ends_c1 = before == '\xc2' && byte >= 0x80U && byte < 0xa0U;
        plain = plain && is_plain(c);
        before = c;
        if (c == '"' || c == '\\') {
            text += {'\\', c};
        } else if (c == '\n') {
            text += "\\n";
        } else if (byte < 0x20U || byte == 0x7fU || ends_c1) {
            text += hex(c);
        } else {
            text += c;
        }
    }
    return plain ? text : "\"" + text + "\"";
}

void write_to_stderr(std::string_view line)
{
    while (!line.empty()) {
        const auto put = ::write(STDERR_FILENO, line.data(), line.size());
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put < 0) {
            return; // There is nobody left to tell.
        }
        line.remove_prefix(static_cast<std::size_t>(put));
    }
}

auto system_time() -> instant
{
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

} // namespace

auto log_line(log_style style, instant now, log_level level, std::string_view message, log_fields fields) -> std::string
{
    static constexpr auto syslog_error = 3; // sd-daemon(3): SD_ERR; the levels follow it in order
    auto line = style == log_style::journal ? "<" + std::to_string(syslog_error + static_cast<int>(level)) + ">"
                                            : "time=" + to_rfc3339(now) + " level=" + std::string{name(level)} + " ";
    line += "msg=" + escaped(message);
    for (const auto& field : fields) {
        line += " " + std::string{field.key} + "=" + escaped(field.value);
    }
    return line;
}

auto style_of_stderr() -> log_style
{
    const auto* const stream = std::getenv("JOURNAL_STREAM");
    struct stat status = {};
    if (stream == nullptr || ::fstat(STDERR_FILENO, &status) != 0) {
        return log_style::plain;
    }
    const auto here = std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
    return here == stream ? log_style::journal : log_style::plain;
}

logger::logger(log_level most) : logger{most, style_of_stderr(), system_time, write_to_stderr} {}

logger::logger(log_level most, log_style style, clock now, sink out)
    : most_{most}, style_{style}, now_{std::move(now)}, out_{std::move(out)}
{
}

void logger::log(log_level level, std::string_view message, log_fields fields) const
{
    if (logs(level)) {
        out_(log_line(style_, now_(), level, message, fields) + "\n");
    }
}

void logger::insist(std::string_view message) const
{
    out_(log_line(style_, now_(), log_level::warning, message, log_fields{}) + "\n");
}

void logger::error(std::string_view message, std::initializer_list<log_field> fields) const
{
    log(log_level::error, message, fields);
}

void logger::warning(std::string_view message, std::initializer_list<log_field> fields) const
{
    log(log_level::warning, message, fields);
}

void logger::notice(std::string_view message, std::initializer_list<log_field> fields) const
{
    log(log_level::notice, message, fields);
}

void logger::info(std::string_view message, std::initializer_list<log_field> fields) const
{
    log(log_level::info, message, fields);
}

void logger::debug(std::string_view message, std::initializer_list<log_field> fields) const
{
    log(log_level::debug, message, fields);
}

} // namespace felhom::io
