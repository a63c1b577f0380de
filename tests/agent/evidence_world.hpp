// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/engine/operation_io.hpp"
#include "operate/signing.hpp"
#include "support/catch.hpp"
#include "support/simulated_agent.hpp"

#include <felhom/operate/operating_rules.hpp>
#include <felhom/operate/procedures/submit.hpp>
#include <felhom/operate/procedures/take_up.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::testing {

/// An agent at a node of which a test answers some calls itself, or does something before they come in.
class evidence_world {
public:
    explicit evidence_world(sim::node node = sim::demo_world(start_of_simulation)) : agent_{std::move(node)}
    {
        agent_.around = {.now = {}, .signers = listed_signers()};
        in_ = agent_.start();
        agent_.spoilt = [this] {
            auto world = in_;
            world.in.exchange = [this](const std::vector<proxmox::request>& calls) {
                auto answers = std::vector<net::exchanged>{};
                for (const auto& call : calls) {
                    auto own = instead ? instead(call) : std::nullopt;
                    answers.push_back(own ? *std::move(own) : agent_.outside().send(call));
                }
                return answers;
            };
            return world;
        };
    }

    /// The answer to a call, given by the test; nothing: the node gives it.
    std::function<std::optional<net::exchanged>(const proxmox::request&)> instead;

    [[nodiscard]] auto node() -> sim::node& { return agent_.node(); }
    [[nodiscard]] auto now() const -> instant { return in_.in.now(); }
    [[nodiscard]] auto in() -> agent::operation_io& { return in_; }
    [[nodiscard]] auto ledger() const -> operate::ledger { return in_.ledger(); }

    /// What comes of an operation that an operator signed for the guest as it is now.
    [[nodiscard]] auto submit(const std::string& op, sim::guest_id guest, boost::json::object params = {})
        -> operate::signed_result
    {
        auto made = operation_builder{op, guest, std::move(params)};
        made.with_nonce(std::string(31, '5') + "0123456789abcdef"[++signed_])
            .valid(now() - std::chrono::minutes{1}, now() + std::chrono::hours{2});
        if (node().guests.contains(guest)) {
            made.seen_at(sim::digest_of(node().guests.at(guest).config));
        }
        auto results = agent::run(in_, operate::submit({made.signed_by(operator_key)}, rules()));
        REQUIRE(results.front().has_value());
        return *std::move(results.front());
    }

    /// How an operation ends that another process had begun, and of which it recorded so much.
    [[nodiscard]] auto recover_in_flight(const std::vector<operate::operation_record>& recorded)
        -> operate::operation_ended
    {
        for (const auto& record : recorded) {
            REQUIRE(in_.append(record).has_value());
        }
        const auto taken_up = in_.ledger().in_flight();
        REQUIRE(taken_up.size() == 1);
        static_cast<void>(agent::run(in_, operate::take_up(rules())));
        return in_.ledger().find(taken_up.front().id)->end.value();
    }

    /// Somebody else works on the node: root@pam at its console.
    auto by_root(std::string type, sim::guest_id guest, sim::any_job work) -> std::string
    {
        const auto root = sim::identity{.user = "root@pam", .token = "", .separated = false};
        return node().spawn(root, std::move(type), std::to_string(guest), std::move(work));
    }

    void let_pass(std::chrono::milliseconds time) { agent_.outside().sleep_until(agent_.outside().now() + time); }

    /// Sets the clock that the agent and its node share.
    void set_clock(std::chrono::milliseconds by)
    {
        agent_.outside().step_clock(by);
        node().settings.clock_step += by;
    }

    [[nodiscard]] static auto rules() -> operate::operating_rules
    {
        return {.at = {.node = *node_name::parse("pve1"), .facts = {}, .patience = {}},
                .user = sim::demo_tokens::agent,
                .gate = {.here = this_host}};
    }

private:
    simulated_agent agent_;
    agent::operation_io in_;
    std::size_t signed_ = 0;
};

[[nodiscard]] inline auto changes_something(const proxmox::request& call) -> bool
{
    return call.method() != net::http_method::get;
}

[[nodiscard]] inline auto answered(const proxmox::request& call, int status, std::string reason,
                                   std::string body = R"({"data":null})") -> net::exchanged
{
    return proxmox::answer_to(call,
                              net::response{.status = status, .reason = std::move(reason), .body = std::move(body)});
}

/// The connection ended before there was an answer.
[[nodiscard]] inline auto lost(const proxmox::request& call) -> net::exchanged
{
    return proxmox::answer_to(call, tl::unexpected(net::transport_error{.what = net::transport_error::kind::interrupted,
                                                                        .maybe_sent = true,
                                                                        .detail = "lost"}));
}

} // namespace felhom::testing
