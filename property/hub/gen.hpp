// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/rapidcheck.hpp"

#include <felhom/hub/hub_policy.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace felhom::gen {

/// Texts with all that JSON and UTF-8 find hard, and with bytes that are neither.
[[nodiscard]] inline auto foreign_text() -> rc::Gen<std::string>
{
    using namespace std::string_literals;
    const auto piece = rc::gen::oneOf(
        rc::gen::element("a"s, "\""s, "\\"s, "/"s, "\n"s, "\0"s, "\x1b"s, "\x7f"s, "é"s, "€"s, "\U0001f600"s, "\xff"s,
                         "\xc3"s, "\xed\xa0\x80"s, "\xe2\x80"s, "\u2028"s, "\xf4\x90\x80\x80"s, "\xc0\x80"s),
        rc::gen::map(rc::gen::arbitrary<char>(), [](char c) { return std::string(1, c); }));
    return rc::gen::map(rc::gen::container<std::vector<std::string>>(piece),
                        [](const std::vector<std::string>& pieces) {
                            auto all = std::string{};
                            for (const auto& one : pieces) {
                                all += one;
                            }
                            return all;
                        });
}

/// A policy of few guests and keys, so that both sides of each of its rules are met often.
[[nodiscard]] inline auto hub_policies() -> rc::Gen<hub::hub_policy>
{
    return rc::gen::exec([] {
        auto policy = hub::hub_policy{.may_start = *rc::gen::weightedElement<bool>({{3, true}, {1, false}}),
                                      .may_stop = *rc::gen::weightedElement<bool>({{3, true}, {1, false}}),
                                      .restarts_a_day = *rc::gen::inRange<std::uint32_t>(0, 4),
                                      .keys = {}};
        if (*rc::gen::arbitrary<bool>()) {
            policy.guests.emplace();
            for (auto number = std::uint64_t{100}; number < 104; ++number) {
                if (*rc::gen::arbitrary<bool>()) {
                    policy.guests->push_back(vmid::from_number(number).value());
                }
            }
        }
        for (const auto* const key : {"cores", "memory", "swap", "tags", "description", "net", "net0", "net1", "onboot",
                                      "hostname", "nameserver", "features", "cpulimit", "rootfs", "mp"}) {
            switch (*rc::gen::inRange(0, 4)) {
            case 0:
                policy.keys.push_back({.key = key, .values = hub::any_value{}});
                break;
            case 1: {
                const auto least = *rc::gen::element(-1.0, 0.0, 1.0, 2.0, 512.0);
                policy.keys.push_back({.key = key, .values = hub::within{.least = least, .greatest = least * 2}});
                break;
            }
            default:
                break;
            }
        }
        return policy;
    });
}

[[nodiscard]] inline auto restart_counts() -> rc::Gen<hub::restart_counts>
{
    return rc::gen::map(rc::gen::container<std::vector<std::uint32_t>>(4, rc::gen::inRange<std::uint32_t>(0, 5)),
                        [](const std::vector<std::uint32_t>& numbers) {
                            auto counts = hub::restart_counts{};
                            auto id = std::uint64_t{100};
                            for (const auto number : numbers) {
                                counts.emplace(vmid::from_number(id++).value(), number);
                            }
                            return counts;
                        });
}

} // namespace felhom::gen
