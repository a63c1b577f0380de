// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/enum_table.hpp>
#include <felhom/core/instant.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/host_tools/error.hpp>
#include <felhom/proxmox/errors/error.hpp>

#include <tl/expected.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace felhom::hub {

/// Why a source of the report told nothing, or not everything.
struct source_error {
    enum class kind : std::uint8_t {
        not_collected, ///< nobody asked: it is not configured, or its time has not come
        unreachable,
        timeout,
        untrusted,
        denied,
        failed,     ///< the one who was asked says that it went wrong
        unreadable, ///< what came is not understood
    };

    kind what;
    std::string detail;

    friend auto operator==(const source_error&, const source_error&) -> bool = default;
};

/// The stable name of a kind, for the hub.
inline constexpr auto source_error_kind_words = enum_table{std::array{
    enum_word{source_error::kind::not_collected, "not_collected"},
    enum_word{source_error::kind::unreachable, "unreachable"}, enum_word{source_error::kind::timeout, "timeout"},
    enum_word{source_error::kind::untrusted, "untrusted"}, enum_word{source_error::kind::denied, "denied"},
    enum_word{source_error::kind::failed, "failed"}, enum_word{source_error::kind::unreadable, "unreadable"}}};

[[nodiscard]] constexpr auto code_of(source_error::kind what) -> std::string_view
{
    return source_error_kind_words.text_of(what);
}

/// What one source of the report was found to say, and when it was asked.
template <typename T>
struct observed {
    instant at;
    tl::expected<T, source_error> result;

    friend auto operator==(const observed&, const observed&) -> bool = default;
};

/// A part of the report. With an error the value is what is known all the same: nothing, or not everything.
template <typename T>
struct sourced {
    instant collected_at;
    std::optional<source_error> error = std::nullopt;
    T value = {};

    friend auto operator==(const sourced&, const sourced&) -> bool = default;
};

/// The part of the report that an observation is by itself: empty where it failed.
template <typename T>
[[nodiscard]] auto sourced_from(observed<T> seen) -> sourced<T>
{
    if (!seen.result) {
        return {.collected_at = seen.at, .error = std::move(seen.result).error()};
    }
    return {.collected_at = seen.at, .value = *std::move(seen.result)};
}

/// The same for a value that there may be none of.
template <typename T>
[[nodiscard]] auto sourced_if(observed<T> seen) -> sourced<std::optional<T>>
{
    if (!seen.result) {
        return {.collected_at = seen.at, .error = std::move(seen.result).error()};
    }
    return {.collected_at = seen.at, .value = *std::move(seen.result)};
}

/// A call to Proxmox VE that brought nothing.
[[nodiscard]] inline auto source_error_of(const proxmox::call_error& why) -> source_error
{
    using kind = source_error::kind;
    const auto of_transport = [](net::transport_error::kind what) {
        switch (what) {
        case net::transport_error::kind::unreachable:
        case net::transport_error::kind::interrupted:
            return kind::unreachable;
        case net::transport_error::kind::timeout:
            return kind::timeout;
        case net::transport_error::kind::untrusted:
            return kind::untrusted;
        case net::transport_error::kind::too_large:
        case net::transport_error::kind::not_http:
            return kind::unreadable;
        }
        return kind::failed;
    };
    const auto of_status = [](int status) {
        static constexpr auto unauthorized = 401;
        static constexpr auto forbidden = 403;
        return status == unauthorized || status == forbidden ? kind::denied : kind::failed;
    };
    const auto what = std::visit(overloaded{
                                     [&](const net::transport_error& e) { return of_transport(e.what); },
                                     [&](const proxmox::api_error& e) { return of_status(e.status); },
                                     [](const proxmox::decode_error&) { return kind::unreadable; },
                                 },
                                 why);
    return {.what = what, .detail = proxmox::describe(why)};
}

/// A program of root's that brought nothing.
[[nodiscard]] inline auto source_error_of(const host_tools::error& why) -> source_error
{
    using kind = source_error::kind;
    const auto what = std::visit(overloaded{
                                     [](const host_tools::cannot_start&) { return kind::failed; },
                                     [](const host_tools::timed_out&) { return kind::timeout; },
                                     [](const host_tools::too_much_output&) { return kind::unreadable; },
                                     [](const host_tools::killed&) { return kind::failed; },
                                     [](const host_tools::failed&) { return kind::failed; },
                                     [](const host_tools::unreadable&) { return kind::unreadable; },
                                 },
                                 why);
    return {.what = what, .detail = host_tools::describe(why)};
}

} // namespace felhom::hub
