// SPDX-License-Identifier: Apache-2.0
#include "hub/gen.hpp"
#include "hub/mutation.hpp"
#include "hub/policy_oracle.hpp"

#include <felhom/authz/operation/bundle.hpp>
#include <felhom/hub/envelope.hpp>
#include <felhom/hub/generation.hpp>
#include <felhom/hub/generation_mark.hpp>
#include <felhom/hub/hub_answer.hpp>
#include <felhom/hub/hub_policy_json.hpp>
#include <felhom/hub/kept_desired.hpp>
#include <felhom/net/etag.hpp>
#include <felhom/reconcile/desired/desired_json.hpp>

#include <cstdint>
#include <optional>
#include <string>

// A hub that sends anything: what it sends is refused with a reason or understood within its bounds, and the process
// goes on. Each case spoils sixteen documents of each kind.
using namespace felhom;
using namespace felhom::hub;
using namespace felhom::net;
using namespace felhom::hub::testing;

namespace {

constexpr auto documents = 16;

const auto true_envelope =
    std::string{R"({"poll_interval_seconds":300,"blocked":false,"desired_generation":7,"has_signed_ops":true})"};

const auto true_desired = std::string{
    R"({"version":1,"generation":7,"guests":[{"vmid":101,"name":"web","run_state":"running","spec":{"cores":2,)"
    R"("memory":1024,"swap":0},"description":"Web server","config":{"onboot":true,"tags":"web;customer",)"
    R"("nameserver":null,"net0":"name=eth0,bridge=vmbr0,ip=dhcp"}},{"vmid":102,"run_state":"stopped"},)"
    R"({"vmid":103,"config":{"hostname":"db","cpulimit":1.5,"features":"nesting=1"}}]})"};

const auto true_signed_ops = std::string{
    R"({"schema":"felhom-signed-ops/1","bundles":["{\"operation\":\"{}\",\"signature\":\"-----BEGIN\"}\n","{}"]})"};

const auto true_accepted = R"({"accepted":[")" + std::string(64, 'a') + R"(",")" + std::string(64, '0') + R"("]})";

auto answer_with(std::string body) -> hub_answer
{
    return {.status = 200, .reason = "OK", .body = std::move(body)};
}

/// How many documents were read and refused: a law over the one or the other alone would say little.
struct verdicts {
    std::uint64_t read = 0;
    std::uint64_t refused = 0;
};

/// Holds a law over spoilt documents; `check` says whether it was read.
template <typename Check>
void law(const std::string& name, const std::string& document, Check check)
{
    auto seen = verdicts{};
    rc::prop(name, [&] {
        auto hub = vandal{*rc::gen::arbitrary<std::uint64_t>()};
        auto judge = check();
        for (auto number = 0; number < documents; ++number) {
            ++(judge(hub.spoilt(document)) ? seen.read : seen.refused);
        }
    });
    INFO(name << ": " << seen.read << " read, " << seen.refused << " refused");
    CHECK(seen.read > seen.refused / 100);
    CHECK(seen.refused > seen.read / 100);
}

/// An error is one of those that there are, and can be told in one line of printable text.
void check_is_told(const hub_error& error)
{
    const auto text = describe(error);
    RC_ASSERT(!text.empty());
    RC_ASSERT(text.find_first_of("\n\x1b\0", 0, 3) == std::string::npos);
    RC_ASSERT(std::holds_alternative<unusable_answer>(error));
}

} // namespace

TEST_CASE("no envelope, however wrong, brings a host out of its bounds")
{
    law("an envelope is refused or within its bounds", true_envelope, [] {
        return [](const std::string& text) {
            const auto read = read_envelope(answer_with(text), {});
            if (!read) {
                check_is_told(read.error());
                return false;
            }
            RC_ASSERT(read->poll_interval >= shortest_poll);
            RC_ASSERT(read->poll_interval <= longest_poll);
            const auto kept = kept_envelope{.envelope = *read, .received_at = instant{}};
            RC_ASSERT((parse_kept_envelope(print_kept_envelope(kept)) == kept));
            return true;
        };
    });
}

TEST_CASE("no desired state, however wrong, does more than the policy allows, and no generation goes back")
{
    law("a desired state is refused or within the policy", true_desired, [] {
        return [policy = *gen::hub_policies(), restarts = *gen::restart_counts(),
                mark = std::optional<generation_mark>{}](const std::string& text) mutable {
            const auto table = lxc::key_table::standard();
            const auto desired = reconcile::parse_desired_state(text, table);
            if (!desired) {
                RC_ASSERT(!reconcile::describe(desired.error()).empty());
                return false;
            }
            check_is_permitted(*desired, policy, restarts, permit(*desired, policy, restarts, table));
            const auto raised = raise_mark(mark, desired->generation, text);
            if (!raised) {
                const auto greatest = greatest_after(mark ? std::optional{mark->generation} : std::nullopt);
                RC_ASSERT((mark && desired->generation <= mark->generation) || desired->generation > greatest);
                return true;
            }
            RC_ASSERT((!mark || raised->generation > mark->generation || *raised == *mark));
            mark = *raised;
            RC_ASSERT((parse_mark(print_mark(mark)).value() == mark));
            return true;
        };
    });
}

TEST_CASE("no list of signed operations, however wrong, is more than texts to be verified")
{
    law("signed operations are refused or bounded", true_signed_ops, [] {
        return [](const std::string& text) {
            const auto read = read_signed_ops(answer_with(text));
            if (!read) {
                check_is_told(read.error());
                return false;
            }
            RC_ASSERT(read->size() <= most_signed_ops);
            for (const auto& bundle : *read) {
                static_cast<void>(authz::parse_bundle(bundle));
            }
            return true;
        };
    });
}

TEST_CASE("no answer to results, however wrong, makes a host forget one that was not accepted")
{
    law("an answer is refused, or takes what was sent", true_accepted, [] {
        return [](const std::string& text) {
            const auto digits = std::string(64, 'a');
            auto outbox = result_outbox{};
            outbox.put({.blob = digest_from_hex(digits).value(), .document = {{"state", "succeeded"}}});
            const auto read = read_accepted_results(answer_with(text));
            if (!read) {
                check_is_told(read.error());
                return false;
            }
            outbox.accepted(outbox.next(), *read);
            RC_ASSERT((!outbox.empty() || text.find(digits) != std::string::npos));
            return true;
        };
    });
}

TEST_CASE("no header, however wrong, is more than a wait that passes or a name that was checked")
{
    rc::prop("headers are refused or bounded", [] {
        auto hub = vandal{*rc::gen::arbitrary<std::uint64_t>()};
        for (const auto* const header : {"120", "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                                         "Sun Nov  6 08:49:37 1994", R"(W/"generation-7")", R"("7")"}) {
            const auto text = hub.spoilt(header);
            if (const auto wait = parse_retry_after(text)) {
                RC_ASSERT(delay_until(*wait, instant{}) >= std::chrono::milliseconds{0});
            }
            if (const auto tag = etag::parse(text)) {
                RC_ASSERT(tag->text() == text);
                RC_ASSERT(text.find_first_of("\r\n") == std::string::npos);
            }
        }
    });
}

TEST_CASE("what was damaged on disk is refused, and never another document")
{
    const auto document = desired_document{.text = true_desired, .tag = etag::parse("\"7\"").value()};
    const auto on_disk = print_kept_desired(document).value();
    rc::prop("a kept desired state is itself or refused", [&] {
        auto disk = vandal{*rc::gen::arbitrary<std::uint64_t>()};
        for (auto number = 0; number < documents; ++number) {
            const auto read = parse_kept_desired(disk.spoilt(on_disk));
            RC_ASSERT((!read || read->text == document.text));
        }
    });
}

TEST_CASE("a policy that is damaged is refused or read, and never allows what needs a signature")
{
    const auto true_policy =
        std::string{R"({"guests":[101,102],"may_start":true,"may_stop":false,"restarts_a_day":3,"keys":{"memory":)"
                    R"({"least":16,"greatest":4096},"net":true,"hostname":true,"description":false}})"};
    law("a policy is refused or harmless", true_policy, [] {
        return [](const std::string& text) {
            const auto read = parse_hub_policy(text, lxc::key_table::standard());
            if (!read) {
                return false;
            }
            for (const auto& key : read->keys) {
                RC_ASSERT(key.key != "rootfs");
                RC_ASSERT(key.key != "hookscript");
                RC_ASSERT(!key.key.starts_with("mp"));
            }
            return true;
        };
    });
}
