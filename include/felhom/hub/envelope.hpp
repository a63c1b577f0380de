// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/instant.hpp>
#include <felhom/core/json/error.hpp>
#include <felhom/core/json/writer.hpp>
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
[[nodiscard]] inline auto read_poll_interval(const json_node& at) -> tl::expected<std::chrono::seconds, json_type_error>
{
    if (const auto number = at.integer<std::uint64_t>()) {
        return std::chrono::seconds{std::clamp<std::uint64_t>(*number, shortest_poll.count(), longest_poll.count())};
    }
    if (at.integer<std::int64_t>()) { // below 0
        return shortest_poll;
    }
    return tl::unexpected(at.fail("an integer"));
}

/// What is missing stays as it was in force.
[[nodiscard]] inline auto read_envelope(const json_node& root, const control_envelope& in_force, std::uint64_t greatest)
    -> tl::expected<control_envelope, json_error>
{
    const auto read_generation = [&](const json_node& at) { return at.integer<std::uint64_t>(0, greatest); };
    auto in = object_reader{root};
    const auto envelope = control_envelope{
        .poll_interval = in.required("poll_interval_seconds", read_poll_interval).value_or(in_force.poll_interval),
        .blocked = in.flag_or("blocked", in_force.blocked),
        // null: there is no desired state
        .desired_generation =
            in.optional("desired_generation", or_null(read_generation)).value_or(in_force.desired_generation),
        .has_signed_ops = in.flag_or("has_signed_ops", in_force.has_signed_ops),
    };
    return std::move(in).finish(envelope);
}

inline constexpr auto envelope_limits = json_limits{.bytes = std::size_t{64} << 10U};

} // namespace detail

/// Reads the hub's answer to a report. Members it does not know are passed over; one that is missing keeps what was in
/// force, so that silence lifts no block and makes none; one of a wrong type spoils the whole.
[[nodiscard]] inline auto parse_envelope(std::string_view text, const control_envelope& in_force)
    -> tl::expected<control_envelope, json_error>
{
    return read_json(text, detail::envelope_limits,
                     [&](const json_node& root) { return detail::read_envelope(root, in_force, greatest_generation); });
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

/// What this program wrote itself has every member, and what an earlier release took from its hub is read as it is.
[[nodiscard]] inline auto parse_kept_envelope(std::string_view text) -> tl::expected<kept_envelope, json_error>
{
    return read_json(text, detail::envelope_limits, [](const json_node& root) {
        auto in = object_reader{root};
        detail::require_version(in, 1);
        const auto received = in.time("received_at");
        for (const auto* const key : {"blocked", "desired_generation", "has_signed_ops"}) {
            in.require(in.has(key), key, "a value");
        }
        static constexpr auto any_generation = std::numeric_limits<std::uint64_t>::max();
        const auto envelope = in.keep(detail::read_envelope(root, {}, any_generation)).value_or(control_envelope{});
        return std::move(in).finish(kept_envelope{.envelope = envelope, .received_at = received});
    });
}

} // namespace felhom::hub
