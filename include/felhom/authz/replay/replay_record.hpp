// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/replay/nonce.hpp>
#include <felhom/core/instant.hpp>
#include <felhom/core/json/writer.hpp>
#include <felhom/core/parse_error.hpp>
#include <felhom/hash_chain/payload.hpp>

#include <boost/json/object.hpp>
#include <tl/expected.hpp>

#include <charconv>
#include <chrono>
#include <string>
#include <string_view>
#include <variant>

namespace felhom::authz {

/// A nonce was claimed. What it was claimed for may stand behind it in the record; the memory does not need it.
struct claim_record {
    std::string_view nonce;
    instant expires_at;

    friend auto operator==(const claim_record&, const claim_record&) -> bool = default;
};

/// From here on, whatever expires by this time is refused.
struct horizon_record {
    instant horizon;

    friend auto operator==(const horizon_record&, const horizon_record&) -> bool = default;
};

/// No claim that expires after this time was made before the next record of this kind.
struct ceiling_record {
    instant ceiling;

    friend auto operator==(const ceiling_record&, const ceiling_record&) -> bool = default;
};

using replay_record = std::variant<claim_record, horizon_record, ceiling_record>;

namespace detail {

inline constexpr auto nonce_key = std::string_view{R"({"nonce":")"};
inline constexpr auto expiry_key = std::string_view{R"(","expires_at":)"};
inline constexpr auto operation_key = std::string_view{R"(,"operation":{)"};
inline constexpr auto horizon_key = std::string_view{R"({"horizon":)"};
inline constexpr auto ceiling_key = std::string_view{R"({"ceiling":)"};

[[nodiscard]] inline auto milliseconds_of(instant time) -> std::string
{
    return std::to_string(time.time_since_epoch().count());
}

/// Takes a time off the front of a text.
[[nodiscard]] inline auto take_instant(std::string_view& text, instant& time) -> bool
{
    auto count = instant::rep{};
    const auto [stopped, status] = std::from_chars(text.data(), text.data() + text.size(), count);
    text.remove_prefix(static_cast<std::size_t>(stopped - text.data()));
    time = instant{std::chrono::milliseconds{count}};
    return status == std::errc{};
}

} // namespace detail

[[nodiscard]] inline auto to_payload(const claim_record& claim, const boost::json::object& operation)
    -> tl::expected<hash_chain::payload, parse_error>
{
    auto text = std::string{detail::nonce_key}.append(claim.nonce).append(detail::expiry_key)
                + detail::milliseconds_of(claim.expires_at);
    if (!operation.empty()) {
        text += R"(,"operation":)" + print_json(operation);
    }
    return hash_chain::payload::parse(text + '}');
}

[[nodiscard]] inline auto to_payload(const horizon_record& record) -> tl::expected<hash_chain::payload, parse_error>
{
    return hash_chain::payload::parse(std::string{detail::horizon_key} + detail::milliseconds_of(record.horizon) + '}');
}

[[nodiscard]] inline auto to_payload(const ceiling_record& record) -> tl::expected<hash_chain::payload, parse_error>
{
    return hash_chain::payload::parse(std::string{detail::ceiling_key} + detail::milliseconds_of(record.ceiling) + '}');
}

/// Reads a record in the one spelling that to_payload gives it. A general JSON reader would take most of the time that
/// opening a long memory takes; what does not fit the spelling was not written by us, and is refused.
[[nodiscard]] inline auto parse_replay_record(std::string_view text) -> tl::expected<replay_record, parse_error>
{
    auto rest = text;
    auto time = instant{};
    const auto take = [&](std::string_view expected) {
        const auto fits = rest.starts_with(expected);
        rest.remove_prefix(fits ? expected.size() : 0);
        return fits;
    };
    if (take(detail::nonce_key)) {
        const auto nonce_text = rest.substr(0, rest.find('"'));
        rest.remove_prefix(nonce_text.size());
        if (nonce::is_legal(nonce_text) && take(detail::expiry_key) && detail::take_instant(rest, time)
            && (rest == "}" || rest.starts_with(detail::operation_key))) {
            return claim_record{.nonce = nonce_text, .expires_at = time};
        }
    } else if (take(detail::horizon_key)) {
        if (detail::take_instant(rest, time) && rest == "}") {
            return horizon_record{.horizon = time};
        }
    } else if (take(detail::ceiling_key)) {
        if (detail::take_instant(rest, time) && rest == "}") {
            return ceiling_record{.ceiling = time};
        }
    }
    return tl::unexpected(parse_error{
        .what = "replay record", .rule = "a claim, a horizon or a ceiling", .got = std::string{text.substr(0, 160)}});
}

} // namespace felhom::authz
