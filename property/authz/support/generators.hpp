// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/rapidcheck.hpp"

#include <felhom/authz/operation/operation.hpp>
#include <felhom/authz/operation/write_operation.hpp>

#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace felhom::authz {

inline auto operator<<(std::ostream& out, const operation& op) -> std::ostream&
{
    return out << write_operation(op).value_or("an operation without canonical text");
}

} // namespace felhom::authz

namespace felhom::authz::gen {

/// Text with the characters that JSON, UTF-8 and terminals find hard.
[[nodiscard]] inline auto text() -> rc::Gen<std::string>
{
    const auto piece = rc::gen::element<std::string>("a", "B", "7", " ", "\"", "\\", "/", "\n", "\t", "\x01", "\x7f",
                                                     "é", "€", "\U0001f600", "\ufb33", "\ue000", "<", "null");
    return rc::gen::map(rc::gen::container<std::vector<std::string>>(piece),
                        [](const std::vector<std::string>& pieces) {
                            auto all = std::string{};
                            for (const auto& one : pieces) {
                                all += one;
                            }
                            return all;
                        });
}

[[nodiscard]] inline auto nonce() -> rc::Gen<authz::nonce>
{
    return rc::gen::map(
        rc::gen::pair(rc::gen::element<std::size_t>(32, 34, 64, 126, 128), rc::gen::arbitrary<std::uint32_t>()),
        [](const auto& sized) {
            auto digits = std::string(128, '0');
            std::to_chars(digits.data(), digits.data() + 8, sized.second, 16);
            return *authz::nonce::parse(digits.substr(0, sized.first));
        });
}

[[nodiscard]] inline auto params() -> rc::Gen<boost::json::object>
{
    // A handful of short members, however far the test has come.
    const auto members = rc::gen::container<std::map<std::string, std::pair<int, std::string>>>(
        text(), rc::gen::pair(rc::gen::arbitrary<int>(), text()));
    return rc::gen::map(rc::gen::scale(0.05, members), [](const auto& made) {
        auto object = boost::json::object{};
        for (const auto& [key, value] : made) {
            if (value.first % 2 == 0) {
                object[key] = value.first;
            } else {
                object[key] = value.second;
            }
        }
        return object;
    });
}

/// An operation for host-a that is timely at noon of 2026-06-01.
[[nodiscard]] inline auto operation() -> rc::Gen<authz::operation>
{
    return rc::gen::exec([] {
        const auto noon = *parse_instant("2026-06-01T12:00:00Z");
        const auto milliseconds = [](int most) {
            return std::chrono::milliseconds{*rc::gen::weightedOneOf<int>(
                {{1, rc::gen::just(1)}, {1, rc::gen::just(most)}, {2, rc::gen::inRange(1, most)}})};
        };
        return authz::operation{.op = *rc::gen::element<std::string>("guest.destroy", "guest.restore", "x"),
                                .host_id = "host-a",
                                .guest_id = *vmid::from_number(*rc::gen::element<std::uint64_t>(100, 101, 999'999'999)),
                                .params = *params(),
                                .nonce = *nonce(),
                                .not_before = noon - milliseconds(3'600'000),
                                .expires_at = noon + milliseconds(3'600'000),
                                .key_id = *rc::gen::element<std::string>("", "op-1", "é"),
                                .expected_digest =
                                    *rc::gen::element<std::optional<std::string>>(std::nullopt, "0123", "sha1:0123")};
    });
}

} // namespace felhom::authz::gen
