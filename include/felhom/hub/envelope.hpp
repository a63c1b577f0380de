#pragma once

#include <felhom/core/instant.hpp>
#include <felhom/core/json_cursor.hpp>
#include <felhom/core/json_error.hpp>
#include <felhom/core/json_text.hpp>
#include <felhom/core/strict_json.hpp>
#include <felhom/hub/document.hpp>
#include <felhom/hub/generation.hpp>

#include <boost/json/object.hpp>
#include <tl/expected.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::hub {

/// No hub makes a host report more often than this, or lets it go silent for longer.
inline constexpr auto shortest_poll = std::chrono::seconds{60};
inline constexpr auto longest_poll = std::chrono::seconds{3600};

/// The hub's answer to a report: all that it can tell a host without a signature, beside the desired state. Without
/// any value it is what holds before the first one came.
struct control_envelope {
    std::chrono::seconds poll_interval = shortest_poll; ///< from shortest_poll to longest_poll
    bool blocked = false;                               ///< the host changes nothing
    std::optional<std::uint64_t> desired_generation = std::nullopt;
    bool has_signed_ops = false;

    friend auto operator==(const control_envelope&, const control_envelope&) -> bool = default;
};

/// An envelope as it is kept on disk: it stays in force, over a restart too, until a newer one comes.
struct kept_envelope {
    control_envelope envelope;
    instant received_at;

    friend auto operator==(const kept_envelope&, const kept_envelope&) -> bool = default;
};

namespace detail {

/// Any integer that JSON can tell exactly, brought into the bounds.
[[nodiscard]] inline auto read_poll_interval(const json_cursor& at)
    -> tl::expected<std::chrono::seconds, json_type_error>
{
    if (const auto* const number = at.value().if_uint64()) {
        return std::chrono::seconds{std::clamp<std::uint64_t>(*number, shortest_poll.count(), longest_poll.count())};
    }
    if (const auto* const number = at.value().if_int64()) {
        return std::chrono::seconds{std::clamp<std::int64_t>(*number, shortest_poll.count(), longest_poll.count())};
    }
    return tl::unexpected(at.fail("an integer"));
}

/// Null: there is no desired state.
[[nodiscard]] inline auto read_generation(const json_cursor& at, std::uint64_t greatest)
    -> tl::expected<std::optional<std::uint64_t>, json_type_error>
{
    if (at.is_null()) {
        return std::nullopt;
    }
    return at.integer<std::uint64_t>(0, greatest).map([](std::uint64_t number) { return std::optional{number}; });
}

/// The value of a member, or what was in force where it is missing.
template <typename T, typename Read>
[[nodiscard]] auto read_or_keep(const json_cursor& root, std::string_view key, Read read, T in_force)
    -> tl::expected<T, json_type_error>
{
    return root.find(key).and_then([&](const std::optional<json_cursor>& at) -> tl::expected<T, json_type_error> {
        return at ? read(*at) : tl::expected<T, json_type_error>{std::move(in_force)};
    });
}

[[nodiscard]] inline auto read_envelope(const json_cursor& root, const control_envelope& in_force,
                                        std::uint64_t greatest) -> tl::expected<control_envelope, json_type_error>
{
    const auto interval = root.require("poll_interval_seconds").and_then(read_poll_interval);
    if (!interval) {
        return tl::unexpected(interval.error());
    }
    const auto blocked = read_or_keep(root, "blocked", read_flag, in_force.blocked);
    if (!blocked) {
        return tl::unexpected(blocked.error());
    }
    const auto generation = read_or_keep(
        root, "desired_generation", [&](const json_cursor& at) { return read_generation(at, greatest); },
        in_force.desired_generation);
    if (!generation) {
        return tl::unexpected(generation.error());
    }
    const auto signed_ops = read_or_keep(root, "has_signed_ops", read_flag, in_force.has_signed_ops);
    if (!signed_ops) {
        return tl::unexpected(signed_ops.error());
    }
    return control_envelope{.poll_interval = *interval,
                            .blocked = *blocked,
                            .desired_generation = *generation,
                            .has_signed_ops = *signed_ops};
}

/// What this program wrote itself has every member, and what an earlier release took from its hub is read as it is.
[[nodiscard]] inline auto read_whole_envelope(const json_cursor& root)
    -> tl::expected<control_envelope, json_type_error>
{
    for (const auto* const key : {"blocked", "desired_generation", "has_signed_ops"}) {
        if (const auto there = root.require(key); !there) {
            return tl::unexpected(there.error());
        }
    }
    return read_envelope(root, {}, std::numeric_limits<std::uint64_t>::max());
}

inline constexpr auto envelope_limits = json_limits{.bytes = std::size_t{64} << 10U};

} // namespace detail

/// Reads the hub's answer to a report. Members it does not know are passed over; one that is missing keeps what was in
/// force, so that silence lifts no block and makes none; one of a wrong type spoils the whole.
[[nodiscard]] inline auto parse_envelope(std::string_view text, const control_envelope& in_force)
    -> tl::expected<control_envelope, json_error>
{
    return detail::read_document(text, detail::envelope_limits, [&](const json_cursor& root) {
        return detail::read_envelope(root, in_force, greatest_generation);
    });
}

/// The text under which the last good envelope is kept.
[[nodiscard]] inline auto print_kept_envelope(const kept_envelope& kept) -> std::string
{
    const auto& [interval, blocked, generation, signed_ops] = kept.envelope;
    return json_text(boost::json::object{
        {"version", 1},
        {"received_at", to_rfc3339(kept.received_at)},
        {"poll_interval_seconds", interval.count()},
        {"blocked", blocked},
        {"desired_generation", generation ? boost::json::value(*generation) : boost::json::value(nullptr)},
        {"has_signed_ops", signed_ops},
    });
}

[[nodiscard]] inline auto parse_kept_envelope(std::string_view text) -> tl::expected<kept_envelope, json_error>
{
    return detail::read_document(
        text, detail::envelope_limits, [](const json_cursor& root) -> tl::expected<kept_envelope, json_type_error> {
            const auto version = detail::require_version(root, 1);
            if (!version) {
                return tl::unexpected(version.error());
            }
            const auto received = root.require("received_at").and_then(detail::read_instant);
            if (!received) {
                return tl::unexpected(received.error());
            }
            return detail::read_whole_envelope(root).map([&](const control_envelope& envelope) {
                return kept_envelope{.envelope = envelope, .received_at = *received};
            });
        });
}

} // namespace felhom::hub
