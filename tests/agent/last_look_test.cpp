// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/operation_io.hpp"
#include "operate/signing.hpp"
#include "operate/simulated/signed_node.hpp"
#include "support/catch.hpp"
#include "support/simulated_agent.hpp"

#include <felhom/operate/operating_rules.hpp>
#include <felhom/operate/procedures/submit.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

using namespace felhom;
using namespace felhom::testing;
using namespace std::chrono_literals;

// What is put in the way of a signed operation after it was first looked at.
namespace {

/// Whether a call reads the guest's configuration.
auto reads_configuration(const proxmox::request& call, const operate::ledger& /*known*/) -> bool
{
    return call.method() == net::http_method::get && call.target().find("/lxc/203/pending") != std::string::npos;
}

/// Whether a call reads the guest's snapshots once more, after its operation was begun.
auto reads_snapshots_again(const proxmox::request& call, const operate::ledger& known) -> bool
{
    return call.method() == net::http_method::get && call.target().ends_with("/lxc/203/snapshot")
           && !known.in_flight().empty();
}

auto stops_guest(const proxmox::request& call, const operate::ledger& /*known*/) -> bool
{
    return call.method() == net::http_method::post && call.target().ends_with("/lxc/203/status/stop");
}

/// An agent with a signed destroy of guest 203, which runs, and somebody who does something in the middle of it.
class disturbed_destroy {
public:
    using call_kind = std::function<bool(const proxmox::request&, const operate::ledger&)>;

    explicit disturbed_destroy(bool may_stop)
    {
        agent_.around = {.now = {}, .signers = listed_signers()};
        agent_.node().guests.at(203).running = may_stop;
        in_ = agent_.start();
        const auto now = in_.in.now();
        auto op = operation_builder{"guest.destroy", 203, {{"stop", may_stop}}};
        submitted_ = op.seen_at(digest_of(agent_, 203)).valid(now - 1min, now + 14min).signed_by(operator_key);
    }

    [[nodiscard]] auto agent() -> simulated_agent& { return agent_; }

    /// Carries it out; the disturbance comes before the first call of a kind.
    void execute(const call_kind& when, const std::function<void()>& disturb)
    {
        agent_.on_call = [&, done = false](const proxmox::request& call, const operate::ledger& known) mutable {
            if (!done && when(call, known)) {
                done = true;
                ++disturbed_;
                disturb();
            }
        };
        const auto results = agent::run(in_, operate::submit({submitted_}, rules_));
        REQUIRE(results.size() == 1);
        CHECK(disturbed_ == 1);
        succeeded_ = results.front() && results.front()->state == operate::signed_state::succeeded;
    }

    [[nodiscard]] auto destroyed() -> bool { return agent_.node().effects_of(203, "destroy") > 0; }
    [[nodiscard]] auto succeeded() const -> bool { return succeeded_; }

private:
    simulated_agent agent_{node_for_signed_operations()};
    agent::operation_io in_;
    operate::operating_rules rules_{.at = {.node = *node_name::parse("pve1"), .facts = {}, .patience = {}},
                                    .user = sim::demo_tokens::agent,
                                    .gate = {.here = this_host}};
    operate::signature_set submitted_;
    int disturbed_ = 0;
    bool succeeded_ = false;
};

} // namespace

TEST_CASE("a signed destroy that nobody disturbs is carried out, of a guest that runs too")
{
    for (const auto running : {false, true}) {
        auto here = disturbed_destroy{running};
        here.execute(reads_configuration, [] {});
        CHECK(here.destroyed());
        CHECK(here.succeeded());
    }
}

TEST_CASE("a veto that is put down while the guest is read stops its destroy")
{
    auto here = disturbed_destroy{false};
    here.execute(reads_configuration, [&] { here.agent().around.vetoed = "not this one"; });
    CHECK_FALSE(here.destroyed());
    CHECK_FALSE(here.succeeded());
}

TEST_CASE("a signer who is taken off the list while the guest is read destroys nothing")
{
    auto here = disturbed_destroy{false};
    here.execute(reads_configuration, [&] { here.agent().around.signers = nullptr; });
    CHECK_FALSE(here.destroyed());
}

TEST_CASE("an operation that expires while the guest is read destroys nothing")
{
    auto here = disturbed_destroy{false};
    here.execute(reads_configuration, [&] {
        auto& outside = here.agent().outside();
        outside.sleep_until(outside.now() + 1h);
    });
    CHECK_FALSE(here.destroyed());
}

TEST_CASE("a guest that is changed while it is stopped for its destroy is not destroyed")
{
    auto here = disturbed_destroy{true};
    here.execute(stops_guest, [&] {
        auto& config = here.agent().node().guests.at(203).config;
        config.current["description"] = "wait, this one is still needed";
    });
    CHECK_FALSE(here.destroyed());
    CHECK_FALSE(here.succeeded());
}

TEST_CASE("a guest of which a snapshot is made while it is looked at is not destroyed")
{
    auto here = disturbed_destroy{true};
    here.execute(reads_snapshots_again, [&] {
        auto& config = here.agent().node().guests.at(203).config;
        config.snapshots["by-hand"] = {{"arch", "amd64"}, {"memory", "256"}, {"snaptime", "1794999999"}};
    });
    CHECK_FALSE(here.destroyed());
    CHECK_FALSE(here.succeeded());
}

TEST_CASE("a guest of which a snapshot is made between the two reads of a look after its stop is not destroyed")
{
    auto here = disturbed_destroy{true};
    const auto reads_what_was_stopped = [&](const proxmox::request& call, const operate::ledger& known) {
        return reads_configuration(call, known) && !here.agent().node().guests.at(203).running;
    };
    here.execute(reads_what_was_stopped, [&] {
        auto& config = here.agent().node().guests.at(203).config;
        config.snapshots["by-hand"] = {{"arch", "amd64"}, {"memory", "256"}, {"snaptime", "1794999999"}};
    });
    CHECK_FALSE(here.destroyed());
    CHECK_FALSE(here.succeeded());
}
