// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/replay/replay_error.hpp>
#include <felhom/core/instant.hpp>
#include <felhom/core/steady_instant.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/hash_chain/payload.hpp>
#include <felhom/hash_chain/receipt.hpp>
#include <felhom/net/response.hpp>
#include <felhom/operate/host_switches.hpp>
#include <felhom/operate/operation/operation_record.hpp>
#include <felhom/operate/procedures/send_once.hpp>
#include <felhom/proxmox/api/request.hpp>
#include <felhom/proxmox/tasks/task_outcome.hpp>
#include <felhom/proxmox/tasks/upid.hpp>

#include <tl/expected.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

// What an operation may ask of the world, as values: whoever drives it performs them. Each names the type of its
// answer.
//
// Those that own something have constructors, and what is awaited is written without braced aggregates: g++ 12 copies
// the temporaries of an awaited expression into the coroutine's frame byte by byte, and destroys them twice.
namespace felhom::operate {

/// One call of the Proxmox VE API.
struct send {
    using answer = net::exchanged;

    explicit send(proxmox::request made) : call{std::move(made)} {}

    proxmox::request call;
};

/// Questions to the node, side by side.
struct read_node {
    using answer = std::vector<net::exchanged>; ///< as many, in their order

    explicit read_node(proxmox::request one) : calls{std::move(one)} {}
    explicit read_node(std::vector<proxmox::request> all, std::uint32_t attempts = 0)
        : calls{std::move(all)}, failed_before{attempts}
    {
    }

    std::vector<proxmox::request> calls;
    std::uint32_t failed_before = 0; ///< how often all of them did
};

/// The end of a task, or of the patience with it.
struct await_task {
    using answer = proxmox::finished_task;

    await_task(proxmox::upid waited_for, std::chrono::milliseconds at_most)
        : task{std::move(waited_for)}, patience{at_most}
    {
    }

    proxmox::upid task;
    std::chrono::milliseconds patience;
};

/// A pause. Its answer is the time after it.
struct sleep_for {
    using answer = steady_instant;

    std::chrono::milliseconds pause;
};

/// The wall clock: for what people and records are told, never for a wait.
struct read_clock {
    using answer = instant;
};

/// The clock that nobody can set: for every wait.
struct read_steady_clock {
    using answer = steady_instant;
};

/// A number in 0..1 that nobody can foresee: it spreads those who would otherwise come back together.
struct draw_jitter {
    using answer = double;
};

/// The journal could not be written. Nothing may be done that it would have announced.
struct not_recorded {
    std::string reason;

    friend auto operator==(const not_recorded&, const not_recorded&) -> bool = default;
};

/// A number for an operation that is about to begin.
struct draw_number {
    using answer = operation_id;
};

/// A record of the journal, durable before the answer.
struct append {
    using answer = tl::expected<hash_chain::receipt, not_recorded>;

    explicit append(operation_record made) : record{std::move(made)} {}

    operation_record record;
};

/// The tasks that the journal gives to operations on a guest.
struct recall_tasks {
    using answer = std::vector<operation_task>;

    vmid guest;
};

/// The record that uses up a nonce and begins the operation, in one. Refused when the nonce may have been used.
struct claim_nonce {
    using answer = tl::expected<hash_chain::receipt, authz::replay_error>;

    claim_nonce(std::string once, instant until, hash_chain::payload made)
        : nonce{std::move(once)}, expires_at{until}, record{std::move(made)}
    {
    }

    std::string nonce;
    instant expires_at; ///< as it was signed
    hash_chain::payload record;
};

/// What the host's owner says at this moment: pause, veto, signers, policy.
struct look_around {
    using answer = host_switches;
};

/// What whoever only asks the node may ask of the world.
using reading_effect = std::variant<read_node, sleep_for, draw_jitter>;

/// What an operation may.
using effect = std::variant<read_node, send, send_once, await_task, sleep_for, read_clock, read_steady_clock,
                            draw_jitter, draw_number, append, recall_tasks, claim_nonce, look_around>;

} // namespace felhom::operate
