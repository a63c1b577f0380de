// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/proxmox/api/reply.hpp>
#include <felhom/proxmox/api/reply_node.hpp>
#include <felhom/proxmox/tasks/upid.hpp>

#include <tl/expected.hpp>

#include <utility>
#include <variant>

namespace felhom::proxmox {

/// The change was made before the answer was sent.
struct done_at_once {
    friend auto operator==(const done_at_once&, const done_at_once&) -> bool = default;
};
/// There was nothing to do: vzdump answers "OK" when none of the guests is on that node.
struct nothing_to_do {
    friend auto operator==(const nothing_to_do&, const nothing_to_do&) -> bool = default;
};

/// What Proxmox VE answers to a change: a task that has begun, or one of the two above.
using mutation_reply = std::variant<upid, done_at_once, nothing_to_do>;

/// The answer to every request of mutate and of destructive.
[[nodiscard]] inline auto decode_mutation(const reply_node& data) -> tl::expected<mutation_reply, decode_error>
{
    if (data.is_absent()) {
        return done_at_once{};
    }
    const auto text = data.text();
    if (!text) {
        return tl::unexpected(data.fail("a UPID, null or \"OK\""));
    }
    if (text->empty()) {
        return done_at_once{};
    }
    if (*text == "OK") {
        return nothing_to_do{};
    }
    return decode_parsed<upid>(data).map([](upid task) { return mutation_reply{std::move(task)}; });
}

/// Reads the answer to a request of mutate or of destructive.
[[nodiscard]] inline auto understand_mutation(const net::exchanged& answer) -> tl::expected<mutation_reply, call_error>
{
    const auto document = parse_document(answer);
    if (!document) {
        return tl::unexpected(document.error());
    }
    const auto root = reply_node::root(*document);
    const auto data = root["data"];
    return decode_mutation(data).map_error(
        [&](decode_error flaw) { return detail::flaw_of(*answer, std::move(flaw)); });
}

} // namespace felhom::proxmox
