// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/operation_io.hpp"
#include "operate/signing.hpp"
#include "operate/simulated/signed_node.hpp"
#include "support/rapidcheck.hpp"

#include <felhom/operate/operating_rules.hpp>
#include <felhom/operate/procedures/inbox.hpp>
#include <felhom/operate/procedures/submit.hpp>

#include <range/v3/algorithm/count_if.hpp>

#include <array>
#include <functional>
#include <string>
#include <vector>

using namespace felhom;
using namespace felhom::testing;

namespace {

/// Of which guest the operation is, what it asks for, and by which effect the node counts it.
struct wish {
    std::string op;
    sim::guest_id guest;
    boost::json::object params;
    sim::guest_id counted_at;
    std::string effect;
};

/// Each operation that only a signature lets through.
auto wishes() -> const std::vector<wish>&
{
    static const auto all = std::vector<wish>{
        {"guest.rollback", 201, {{"snapshot", "before"}}, 201, "rollback"},
        {"guest.delete_snapshot", 202, {{"snapshot", "before"}}, 202, "delsnapshot"},
        {"guest.destroy", 203, {{"stop", true}}, 203, "destroy"},
        {"guest.set_config", 204, {{"set", {{"protection", "0"}}}}, 204, "config"},
        {"guest.restore",
         205,
         {{"archive", restorable_backup}, {"force", true}, {"storage", "local-zfs"}},
         205,
         "restore"},
        {"guest.resize", 207, {{"disk", "mp0"}, {"size", "128G"}}, 207, "resize"},
        {"backup.delete", 202, {{"volid", old_backup}}, 0, "imgdel " + std::string{old_backup}},
    };
    return all;
}

/// A node, and an agent that knows three signers.
class signed_world {
public:
    signed_world() : agent_{node_for_signed_operations()}
    {
        agent_.around = {.now = {}, .signers = listed_signers()};
        in_ = agent_.start();
    }

    [[nodiscard]] auto operation_of(const wish& wanted) -> operation_builder
    {
        const auto now = agent_.outside().now();
        auto op = operation_builder{wanted.op, static_cast<std::uint32_t>(wanted.guest), wanted.params};
        op.seen_at(digest_of(agent_, wanted.guest))
            .valid(now - std::chrono::minutes{1}, now + std::chrono::minutes{14});
        return op;
    }

    auto submit(std::vector<operate::signature_set> all) -> std::vector<std::optional<operate::signed_result>>
    {
        return agent::run(in_, operate::submit(std::move(all), rules()));
    }

    [[nodiscard]] auto effects(const wish& of) -> int { return agent_.node().effects_of(of.counted_at, of.effect); }

    /// How many requests were made that are no reads.
    [[nodiscard]] auto writes() -> std::ptrdiff_t
    {
        return ranges::count_if(agent_.node().requests, [](const auto& request) { return request.method != "GET"; });
    }

    /// Forgets which requests were made, so that a long run stays small.
    void forget_reads()
    {
        std::erase_if(agent_.node().requests, [](const auto& request) { return request.method == "GET"; });
    }

    [[nodiscard]] auto ledger() const -> operate::ledger { return in_.ledger(); }
    [[nodiscard]] auto now() const -> instant { return in_.in.now(); }

private:
    [[nodiscard]] static auto rules() -> operate::operating_rules
    {
        return {.at = {.node = *node_name::parse("pve1"), .facts = {}, .patience = {}},
                .user = sim::demo_tokens::agent,
                .gate = {.here = this_host}};
    }

    simulated_agent agent_;
    agent::operation_io in_;
};

using member = std::pair<std::string, std::string>;

/// The bytes with one text in them exchanged.
auto exchanged(std::string blob, const std::string& from, const std::string& to) -> std::string
{
    const auto at = blob.find(from);
    RC_ASSERT(at != std::string::npos);
    return blob.replace(at, from.size(), to);
}

/// One single thing about a signed operation that is not as it was signed, or not as this host demands it.
auto spoiled(signed_world& world, const wish& wanted) -> operate::signature_set
{
    auto op = world.operation_of(wanted);
    auto submitted = op.signed_by(operator_key);
    const auto other = [&](const auto& all, const std::string& than) {
        return *rc::gen::suchThat(rc::gen::elementOf(all), [&](const std::string& one) { return one != than; });
    };
    switch (*rc::gen::inRange(0, 8)) {
    case 0: { // another operation
        auto names = std::vector<std::string>{"guest.stop"};
        for (const auto& one : wishes()) {
            names.push_back(one.op);
        }
        submitted.blob = exchanged(submitted.blob, wanted.op, other(names, wanted.op));
        break;
    }
    case 1: // for another host, and signed
        return op.on_host("host-b").signed_by(operator_key);
    case 2: // the host exchanged
        submitted.blob = exchanged(submitted.blob, this_host.text(), "host-b");
        break;
    case 3: { // another guest
        const auto guests = std::vector<std::string>{"101", "201", "202", "203", "204", "205", "207"};
        const auto own = std::to_string(wanted.guest);
        submitted.blob = exchanged(submitted.blob, R"("guest_id":")" + own, R"("guest_id":")" + other(guests, own));
        break;
    }
    case 4: // another parameter
        submitted.blob = exchanged(submitted.blob, R"("params":{)", R"("params":{"purge":true,)");
        break;
    case 5: // seen at another configuration, and signed
        return op.seen_at(std::string(40, *rc::gen::inRange('0', '9'))).signed_by(operator_key);
    case 6: // a signer that is not listed
        return op.signed_by(stranger_key);
    default: { // any one byte
        const auto at = *rc::gen::inRange<std::size_t>(0, submitted.blob.size());
        submitted.blob[at] = static_cast<char>(submitted.blob[at] ^ *rc::gen::inRange(1, 256));
        break;
    }
    }
    return submitted;
}

/// Bytes at random, of a length up to so many.
auto noise(int most) -> std::string
{
    return *rc::gen::resize(most, rc::gen::string<std::string>());
}

/// A text that somebody got at.
auto damaged(std::string text) -> std::string
{
    for (auto times = *rc::gen::inRange(1, 4); times > 0 && !text.empty(); --times) {
        const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
        switch (*rc::gen::inRange(0, 5)) {
        case 0:
            text[at] = static_cast<char>(text[at] ^ (1 << *rc::gen::inRange(0, 8)));
            break;
        case 1:
            text.erase(at, *rc::gen::inRange<std::size_t>(1, 40));
            break;
        case 2:
            text.insert(at, noise(20));
            break;
        case 3:
            text.insert(at, text.substr(0, *rc::gen::inRange<std::size_t>(1, 200)));
            break;
        default:
            text.resize(at);
            break;
        }
    }
    return text;
}

auto without_blanks(std::string text) -> std::string
{
    std::erase_if(text, [](char c) { return c == '\n' || c == '\r' || c == ' ' || c == '\t'; });
    return text;
}

/// Something that looks like a signed operation and is none: its bytes or its signature are not what an operator made.
auto forged(const std::vector<operate::signature_set>& honest) -> operate::signature_set
{
    auto submitted = *rc::gen::elementOf(honest);
    const auto original = submitted;
    switch (*rc::gen::inRange(0, 7)) {
    case 0:
        submitted.blob = damaged(submitted.blob);
        break;
    case 1:
        submitted.armors.front() = damaged(submitted.armors.front());
        break;
    case 2: // the signature of another operation
        submitted.armors = (*rc::gen::elementOf(honest)).armors;
        break;
    case 3:
        submitted.armors = {authz::sign_message(stranger_key, submitted.blob)};
        break;
    case 4: // of a listed key, in another namespace
        submitted.armors = {authz::armor_of(authz::envelope_for(operator_key, submitted.blob, "file").bytes())};
        break;
    case 5:
        submitted = {.blob = noise(200), .armors = {noise(200)}};
        break;
    default: // many signatures, none of which holds
        submitted.armors = std::vector<std::string>(3, authz::sign_message(stranger_key, submitted.blob));
        break;
    }
    const auto is_original = submitted.blob == original.blob
                             && without_blanks(submitted.armors.front()) == without_blanks(original.armors.front());
    RC_PRE(!is_original);
    return submitted;
}

} // namespace

TEST_CASE("as it was signed, each operation is carried out once, however often it is brought")
{
    for (const auto& wanted : wishes()) {
        INFO(wanted.op);
        auto world = signed_world{};
        const auto submitted = world.operation_of(wanted).signed_by(operator_key);
        for (auto times = 0; times < 3; ++times) {
            const auto results = world.submit({submitted});
            REQUIRE(results.front().has_value());
            CHECK(text_of(results.front()->state) == "succeeded");
        }
        CHECK(world.effects(wanted) == 1);
    }
}

TEST_CASE("laws of signed operations at a node")
{
    rc::prop("any single change of operation, host, guest, parameter, digest, signer or byte: nothing is executed", [] {
        const auto& wanted = *rc::gen::elementOf(wishes());
        auto world = signed_world{};
        const auto results = world.submit({spoiled(world, wanted)});
        RC_LOG() << wanted.op << "\n";
        RC_ASSERT(results.front().has_value());
        RC_LOG() << results.front()->code << ": " << results.front()->detail << "\n";
        RC_ASSERT(results.front()->state == operate::signed_state::refused);
        RC_ASSERT(world.writes() == 0);
        RC_ASSERT(world.ledger().operations().empty());
    });

    // Ten a case: 100,000 in ten thousand cases.
    auto world = signed_world{};
    auto honest = std::vector<operate::signature_set>{};
    for (const auto& wanted : wishes()) {
        honest.push_back(world.operation_of(wanted).signed_by(operator_key));
    }
    rc::prop("random and damaged signed operations change nothing at the node", [&] {
        static constexpr auto at_once = 10U;
        auto brought = std::vector<operate::submitted_bundle>{};
        for (auto number = 0U; number < at_once; ++number) {
            const auto submitted = forged(honest);
            const auto text = authz::write_bundle({.blob = submitted.blob, .armor = submitted.armors.front()});
            brought.push_back({.source = std::to_string(number), .text = text.value_or(submitted.blob)});
        }
        auto sets = std::vector<operate::signature_set>{};
        for (auto& gathered : operate::gather(brought, world.now()).signature_sets) {
            sets.push_back(std::move(gathered.submitted));
        }
        for (const auto& result : world.submit(std::move(sets))) {
            RC_ASSERT(result.has_value());
            RC_ASSERT(result->state == operate::signed_state::refused);
        }
        RC_ASSERT(world.writes() == 0);
        world.forget_reads();
    });
}
