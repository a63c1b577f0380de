// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/decimal.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace felhom::proxmox {

/// The exact value of a JSON number as plain decimal text: "3.47e+15" is "3470000000000000", "1.50" is "1.5". Nothing
/// for a number of more than some hundred digits. Proxmox VE prints byte counts in scientific notation now and then.
[[nodiscard]] inline auto plain_decimal(std::string_view number) -> std::optional<std::string>
{
    static constexpr auto most_digits = 400;
    const auto negative = number.starts_with('-');
    if (negative) {
        number.remove_prefix(1);
    }
    auto exponent = 0;
    const auto mark = number.find_first_of("eE");
    if (mark != std::string_view::npos) {
        auto text = number.substr(mark + 1);
        if (text.starts_with('+')) {
            text.remove_prefix(1);
        }
        const auto given = parse_decimal<int>(text);
        if (!given || *given > most_digits || *given < -most_digits) {
            return std::nullopt;
        }
        exponent = *given;
    }
    const auto mantissa = number.substr(0, mark);
    const auto dot = mantissa.find('.');
    auto digits = std::string{mantissa.substr(0, dot)};
    auto point = static_cast<std::ptrdiff_t>(digits.size()) + exponent;
    if (dot != std::string_view::npos) {
        digits += mantissa.substr(dot + 1);
    }
    if (digits.empty() || digits.size() > most_digits || digits.find_first_not_of("0123456789") != std::string::npos) {
        return std::nullopt;
    }
    if (point <= 0) {
        digits.insert(0, static_cast<std::size_t>(1 - point), '0');
        point = 1;
    }
    if (const auto whole = static_cast<std::size_t>(point); whole > digits.size()) {
        digits.append(whole - digits.size(), '0');
    }
    auto whole = digits.substr(0, static_cast<std::size_t>(point));
    auto fraction = digits.substr(static_cast<std::size_t>(point));
    whole.erase(0, whole.find_first_not_of('0'));
    fraction.erase(fraction.find_last_not_of('0') + 1);
    if (whole.empty()) {
        whole = "0";
    }
    const auto zero = whole == "0" && fraction.empty();
    return (negative && !zero ? "-" : "") + whole + (fraction.empty() ? "" : "." + fraction);
}

} // namespace felhom::proxmox
