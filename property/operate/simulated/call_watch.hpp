// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "operate/simulated/disturbance.hpp"

#include <felhom/authz/time_policy.hpp>
#include <felhom/operate/ledger.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace felhom::testing {

/// Watches what leaves the agent, and holds every call of a signed operation against what the agent had looked at
/// before it. It knows nothing of how the agent does that: a look is a read of the guest that crossed the wire.
class call_watch {
public:
    explicit call_watch(simulated_agent& agent) : agent_{&agent} {}

    /// The guest as its signer saw it: for an operation that names its digest.
    void signed_as_it_is(subject at) { states_[at].as_signed = content_of(at); }

    /// A call leaves.
    void sends(const proxmox::request& call)
    {
        ++moment_;
        if (call.method() == net::http_method::get) {
            if (const auto at = looked_at(call)) {
                look(*at);
            }
            return;
        }
        const auto guest = guest_of(call);
        auto in_flight = std::vector<operate::operation_state>{};
        agent_->journal().look([&](const operate::ledger& known) { in_flight = known.in_flight(); });
        for (const auto& op : in_flight) {
            if (guest == op.guest.number()) {
                const auto at = subject{.guest = *guest, .is_backup = is_of_backup(op.what)};
                auto& state = states_[at];
                if (op.claim) {
                    judge(op, state, call);
                }
                state.last_call = moment_;
                state.is_open = false;
            }
        }
    }

    void looks_around(const operate::host_switches& said)
    {
        last_around_ = ++moment_;
        around_ = said;
    }

    void records(const operate::operation_record& record)
    {
        ++moment_;
        if (const auto* const claimed = std::get_if<operate::operation_claimed>(&record)) {
            auto& state = states_[{.guest = claimed->guest.number(), .is_backup = is_of_backup(claimed->what)}];
            state.claimed = moment_;
            state.reference = state.as_signed ? *state.as_signed : state.seen;
        }
    }

    /// Whether the agent has looked at it and not called yet.
    [[nodiscard]] auto is_between_look_and_call(subject at) const -> bool
    {
        const auto found = states_.find(at);
        return found != states_.end() && found->second.is_open;
    }

    /// Nothing more will be called for what was looked at until now.
    void work_is_over()
    {
        for (auto& [at, state] : states_) {
            state.is_open = false;
        }
    }

    [[nodiscard]] auto broken() const -> const std::vector<std::string>& { return broken_; }

private:
    struct subject_history {
        std::size_t claimed = 0;
        std::size_t last_look = 0;
        std::size_t last_call = 0;
        instant looked_at{}; ///< on a clock that nobody sets
        std::string seen;    ///< what the last look showed
        std::string reference;
        std::optional<std::string> as_signed;
        bool is_open = false;
    };

    /// The guest that a request is of: in its path, in its form, or in the name of a backup.
    [[nodiscard]] static auto guest_of(const proxmox::request& call) -> std::optional<sim::guest_id>
    {
        for (const auto& [text, before] : std::array<std::pair<const std::string*, std::string_view>, 3>{
                 {{&call.target(), "/lxc/"}, {&call.form(), "vmid="}, {&call.target(), "vzdump-lxc-"}}}) {
            if (const auto at = text->find(before); at != std::string::npos) {
                const auto begin = at + before.size();
                const auto end = text->find_first_not_of("0123456789", begin);
                if (const auto guest = vmid::parse(text->substr(begin, end == std::string::npos ? end : end - begin))) {
                    return guest->number();
                }
            }
        }
        return std::nullopt;
    }

    /// What a read shows: a guest's configuration, that there is no such guest, or the backups.
    [[nodiscard]] auto looked_at(const proxmox::request& call) const -> std::optional<subject>
    {
        const auto& target = call.target();
        if (target.find("/content") != std::string::npos) {
            return subject{.guest = 202, .is_backup = true};
        }
        const auto guest = guest_of(call);
        const auto shows_it = guest
                              && (target.ends_with("/pending")
                                  || (target.ends_with("/status/current") && !agent_->node().guests.contains(*guest)));
        return shows_it ? std::optional{subject{.guest = *guest}} : std::nullopt;
    }

    void look(subject at)
    {
        auto& state = states_[at];
        state.last_look = moment_;
        state.looked_at = agent_->node().now();
        state.seen = content_of(at);
        state.is_open = true;
    }

    /// What it comes to: of a guest what the next stop leaves of its configuration, with its snapshots.
    [[nodiscard]] auto content_of(subject at) const -> std::string
    {
        auto& on = agent_->node();
        if (at.is_backup) {
            const auto& volumes = on.storages.at("local").volumes;
            const auto found = volumes.find(old_backup);
            return found == volumes.end() ? "gone" : std::to_string(found->second.size);
        }
        const auto found = on.guests.find(at.guest);
        if (found == on.guests.end()) {
            return "gone";
        }
        auto config = found->second.config;
        for (const auto& key : config.pending_deletes) {
            config.current.erase(key);
        }
        for (const auto& [key, value] : config.pending) {
            config.current[key] = value;
        }
        config.pending.clear();
        config.pending_deletes.clear();
        return sim::print(config);
    }

    void demand(bool holds, const proxmox::request& call, const std::string& otherwise)
    {
        if (!holds) {
            broken_.push_back(otherwise + ": " + std::string{net::name_of(call.method())} + " " + call.target());
        }
    }

    /// A veto holds up nothing else.
    [[nodiscard]] static auto takes_something_away(const operate::operation& what) -> bool
    {
        const auto* const restore = std::get_if<operate::guest_restore>(&what);
        return !std::holds_alternative<operate::guest_stop>(what)
               && !std::holds_alternative<operate::guest_resize>(what) && (restore == nullptr || restore->force);
    }

    [[nodiscard]] static auto is_of_backup(const operate::operation& what) -> bool
    {
        return std::holds_alternative<operate::backup_delete>(what);
    }

    void judge(const operate::operation_state& op, const subject_history& known, const proxmox::request& call)
    {
        static constexpr auto longest = std::chrono::seconds{5};
        demand(known.last_look > known.claimed, call, "a signed call without a look since its claim");
        demand(known.last_look > known.last_call, call, "a signed call is repeated without a look");
        demand(agent_->node().now() - known.looked_at <= longest, call, "a signed call after a look that is stale");
        demand(last_around_ > known.last_look, call, "a signed call after whose look the owner was not asked");
        demand(!around_.paused && !around_.blocked, call, "a signed call although the last answer was to wait");
        demand(!around_.vetoed || !takes_something_away(op.what), call, "a signed call although it was vetoed");
        demand(around_.now < op.claim->expires_at + authz::time_policy{}.tolerated(), call,
               "a signed call after its operation has expired");
        demand(std::holds_alternative<operate::guest_stop>(op.what) || known.seen == known.reference, call,
               "a signed call on what was seen to be changed");
    }

    simulated_agent* agent_;
    std::map<subject, subject_history> states_;
    std::size_t moment_ = 0;
    std::size_t last_around_ = 0;
    operate::host_switches around_;
    std::vector<std::string> broken_;
};

} // namespace felhom::testing
