// SPDX-License-Identifier: Apache-2.0
#include "reconcile/builders.hpp"
#include "support/catch.hpp"

#include <felhom/present/explain.hpp>
#include <felhom/present/plan_json.hpp>
#include <felhom/present/plan_text.hpp>
#include <felhom/present/results_text.hpp>
#include <felhom/reconcile/exit_codes.hpp>

#include <boost/json/serialize.hpp>

#include <array>
#include <string>
#include <utility>
#include <vector>

using namespace felhom;
using namespace felhom::lxc;
using namespace felhom::present;
using namespace felhom::reconcile;
using namespace felhom::testing;

namespace {

using guest = actual_guest_builder;
using proxmox::error_class;

/// A plan with one of each: a change, a start, a difference that is left, and one that waits.
auto mixed_plan() -> plan
{
    auto stopped = guest{102};
    stopped.stopped();
    auto waiting = guest{103};
    waiting.pending("nameserver", "192.0.2.1", "192.0.2.2");
    return planned(
        normalized({desire(101, {{"memory", "1024"}, {"protection", "0"}}), desire(102, {}, run_state::running),
                    desire(103, {{"nameserver", "192.0.2.2"}}), desire(104, {{"memory", "512"}})}),
        observed({guest{101}.with("memory", "512").with("protection", "1").build(), stopped.build(), waiting.build()}));
}

auto on_pve1() -> plan_context
{
    return {.node = *node_name::parse("pve1"), .source = "file"};
}

auto api_error(int status) -> proxmox::call_error
{
    return proxmox::api_error{.status = status, .message = "", .fields = {}};
}

} // namespace

TEST_CASE("what the token lacks is granted by the plan once, for all guests that lack the same")
{
    auto actual = observed({guest{101}.with("memory", "512").build(), guest{102}.with("memory", "512").build(),
                            guest{103}.with("cores", "1").build()});
    actual.granted = felhom::proxmox::permissions{.paths = {{"/vms", {{"VM.Audit", true}}}}};
    const auto made =
        planned(normalized({desire(101, {{"memory", "1024"}}), desire(102, {{"cores", "2"}, {"memory", "1024"}}),
                            desire(103, {{"cores", "2"}, {"memory", "1024"}})}),
                actual);
    const auto text = to_text(made, on_pve1(), {}, the_agent(actual.granted));
    const auto from = text.find("To grant what the API token lacks, run as root on a node:\n");
    REQUIRE(from != std::string::npos);
    CHECK(text.find("pveum") > from);
    CHECK(text.find("pveum role add Felhom_VM.Audit_VM.Config.Memory --privs ", from) != std::string::npos);
    CHECK(text.find("for path in /vms/102 /vms/103; do pveum acl modify \"$path\" --tokens ", from)
          != std::string::npos);
    CHECK(text.find("--roles Felhom_VM.Audit_VM.Config.CPU_VM.Config.Memory", from) != std::string::npos);
}

TEST_CASE("only differing properties are shown of a property string, and whole ones are written")
{
    const auto made =
        planned(normalized({desire(101, {{"net0", "name=eth0,bridge=vmbr1,hwaddr=02:00:00:00:00:01,ip=dhcp"}})}),
                observed({guest{101}.with("net0", "name=eth0,bridge=vmbr0,hwaddr=02:00:00:00:00:01,ip=dhcp").build()}));
    CHECK(to_text(made, on_pve1(), {}, the_agent()).find("      net0           bridge  vmbr0 -> vmbr1\n")
          != std::string::npos);
    const auto shown = to_json(made, the_agent());
    const auto& change = shown.at("actions").at(0).at("changes").at(0);
    CHECK(change.at("from").as_string() == "name=eth0,bridge=vmbr0,hwaddr=02:00:00:00:00:01,ip=dhcp");
}

TEST_CASE("a plan for a program has the same, in codes")
{
    auto started = guest{102};
    started.stopped();
    const auto made = planned(normalized({desire(101, {{"protection", "0"}}), desire(102, {}, run_state::running)}),
                              observed({guest{101}.with("protection", "1").build(), started.build()}));
    CHECK(boost::json::serialize(to_json(made, the_agent()))
          == R"({"schema":"felhom-plan/1","generation":1,"compared":2,)"
             R"("actions":[{"vmid":102,"consequence":"live","reason":"desired to run, and stopped",)"
             R"("action":"start","name":"CT102"}],)"
             R"("skipped":[{"vmid":101,"key":"protection","from":"1","to":"0","reason":"needs_signature",)"
             R"("detail":"destructive; needs an operator's signature","consequence":"destructive","grants":[],)"
             R"("name":"CT101"}]})");
}

TEST_CASE("a volume that grows is told from which size to which, in words and in codes")
{
    const auto made = planned(normalized({desire(101, {{"mp0", "local-lvm:vm-101-disk-1,mp=/data,size=128G"}})}),
                              observed({guest{101}.with("mp0", "local-lvm:vm-101-disk-1,mp=/data,size=64G").build()}),
                              {.allow_grow = true});
    CHECK(to_text(made, on_pve1(), {}, the_agent())
              .find("  101 CT101          grow                     cannot be made smaller again\n"
                    "      mp0            size  64G -> 128G\n")
          != std::string::npos);
    CHECK(boost::json::serialize(to_json(made, the_agent()).at("actions"))
          == R"([{"vmid":101,"consequence":"growing",)"
             R"("reason":"desired larger than it is, and never made smaller again","action":"grow","disk":"mp0",)"
             R"("from":"64G","to":"128G","name":"CT101"}])");
    CHECK(exit_code_of(made) == exit_code::changes);
}

TEST_CASE("what came of each action is one line, and for a program the plan with it")
{
    const auto results = std::vector<action_result>{
        {.what = start_guest{id_of(102)}, .outcome = achieved{.warnings = 1}},
        {.what = shutdown_guest{.id = id_of(103), .kill_after_timeout = false}, .outcome = outcome_unknown{"dropped"}},
    };
    CHECK(to_text(results, no_colour, the_agent())
          == "ok guest 102: start: done with 1 warnings (see the task's log)\n"
             "!! guest 103: shut down: outcome unknown: dropped\n");
    const auto shown = to_json(mixed_plan(), results, the_agent());
    CHECK(shown.at("schema").as_string() == "felhom-apply/1");
    CHECK(shown.at("plan") == to_json(mixed_plan(), the_agent()));
    CHECK(boost::json::serialize(shown.at("results").at(1))
          == R"({"vmid":103,"consequence":"connectivity risk","reason":"desired to be stopped, and running",)"
             R"("action":"shutdown","kill_after_timeout":false,"outcome":"unknown",)"
             R"("detail":"outcome unknown: dropped"})");
}

TEST_CASE("what was done although Proxmox VE calls it an error is told as one, unless the error says nothing of it")
{
    const auto status_despite = [](proxmox::call_error error) {
        return exit_code_of(action_outcome{achieved{.despite = std::move(error)}});
    };
    const auto answer = [](int status, std::string message) {
        return proxmox::call_error{proxmox::api_error{.status = status, .message = std::move(message)}};
    };
    CHECK(status_despite(answer(500, "bridge 'vmbr9' does not exist")) == exit_code::error);
    CHECK(status_despite(answer(400, "Parameter verification failed.")) == exit_code::error);
    CHECK(status_despite(answer(500, "CT 102 already running")) == exit_code::success);
    CHECK(status_despite(answer(500, "CT is locked (backup)")) == exit_code::success);
    CHECK(status_despite(answer(596, "Connection timed out")) == exit_code::success);
    CHECK(status_despite(interrupted()) == exit_code::success);
    CHECK(exit_code_of(action_outcome{achieved{}}) == exit_code::success);
}

TEST_CASE("of a value that Proxmox VE stores and calls an error it is said that the guest will not start with it")
{
    const auto stored =
        proxmox::call_error{proxmox::api_error{.status = 500, .message = "bridge 'vmbr9' does not exist"}};
    CHECK(describe(action_outcome{achieved{.despite = stored}})
          == "done, although: Proxmox VE answered 500: bridge 'vmbr9' does not exist; it is stored, and the guest will "
             "not start with it");
}

TEST_CASE("every class of error has its exit status")
{
    const auto expected = std::vector<std::pair<error_class, exit_code>>{
        {error_class::busy, exit_code::busy},
        {error_class::held, exit_code::busy},
        {error_class::conflict, exit_code::error},
        {error_class::already_done, exit_code::error},
        {error_class::not_found_here, exit_code::error},
        {error_class::privilege, exit_code::denied},
        {error_class::identity, exit_code::denied},
        {error_class::request, exit_code::error},
        {error_class::cluster, exit_code::busy},
        {error_class::unknown_outcome, exit_code::unknown},
        {error_class::transient, exit_code::error},
    };
    for (const auto& [what, status] : expected) {
        INFO(static_cast<int>(what));
        CHECK(exit_code_of(what) == status);
    }
}

TEST_CASE("every way for a question to bring no answer has its exit status")
{
    using kind = net::transport_error::kind;
    const auto expected = std::vector<std::pair<kind, exit_code>>{
        {kind::unreachable, exit_code::unreachable}, {kind::timeout, exit_code::unreachable},
        {kind::interrupted, exit_code::unreachable}, {kind::untrusted, exit_code::denied},
        {kind::too_large, exit_code::error},         {kind::not_http, exit_code::error},
    };
    for (const auto& [what, status] : expected) {
        INFO(static_cast<int>(what));
        const auto error = proxmox::call_error{net::transport_error{.what = what, .maybe_sent = false, .detail = ""}};
        CHECK(exit_code_of(error) == status);
    }
    for (const auto hop : {595, 596, 599}) {
        INFO(hop);
        CHECK(exit_code_of(api_error(hop)) == exit_code::unreachable);
    }
    CHECK(exit_code_of(api_error(401)) == exit_code::denied);
}

TEST_CASE("what is in sync once completed is explained with one meaning on both sides")
{
    const auto desired =
        normalized({desire(101, {{"net0", "name=eth0,bridge=vmbr0"}, {"features", "nesting=1,fuse=0"}})});
    const auto actual = observed({guest{101}
                                      .with("features", "nesting=1")
                                      .with("net0", "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:0A:0B:0C,type=veth")
                                      .build()});
    const auto made = explain(desired, actual, planned(desired, actual), id_of(101));
    REQUIRE(made.has_value());
    REQUIRE(made->fields.size() == 2);
    for (const auto& field : made->fields) {
        INFO(field.key);
        CHECK(field.decision == "in sync");
        CHECK(field.means == field.stored_means);
    }
    CHECK(made->fields.back().means == "bridge=vmbr0,hwaddr=BC:24:11:0A:0B:0C,name=eth0");
}

TEST_CASE("every reason to leave a difference has its exit status")
{
    const auto expected = std::vector<std::pair<skip_reason, exit_code>>{
        {needs_signature{consequence::destructive}, exit_code::refused},
        {only_root{}, exit_code::refused},
        {never_changes{}, exit_code::refused},
        {lacks_privilege{.path = "/", .privilege = "Sys.Modify"}, exit_code::denied},
        {guest_locked{.lock = "backup"}, exit_code::busy},
        {guest_not_visible{}, exit_code::denied},
        {whereabouts_unknown{"the cluster has no quorum"}, exit_code::busy},
        {whereabouts_unknown{"not told", interrupted()}, exit_code::unreachable},
        {guest_in_motion{}, exit_code::busy},
        {guest_elsewhere{{*felhom::node_name::parse("pve2")}}, exit_code::error},
        {guest_nowhere{}, exit_code::error},
        {guest_unreadable{interrupted()}, exit_code::unreachable},
        {guest_unreadable{api_error(401)}, exit_code::denied},
        {guest_is_template{}, exit_code::refused},
        {needs_release{{.major = 9, .minor = 1}}, exit_code::refused},
        {awaits_restart{}, exit_code::success},
        {hotplug_failed{}, exit_code::error},
        {interface_lost{}, exit_code::error},
        {observed_only{}, exit_code::refused},
        {value_hidden{.path = "/vms/101", .privilege = "VM.Config.Options"}, exit_code::denied},
        {waiting_value_stays{}, exit_code::refused},
        {not_writable{proxmox::key_not_settable{"lock"}}, exit_code::error},
    };
    for (const auto& [reason, status] : expected) {
        INFO(code_of(reason));
        CHECK(exit_code_of(reason) == status);
    }
}

TEST_CASE("of several exit statuses the one that must not go unnoticed is told")
{
    static constexpr auto from_gravest =
        std::array{exit_code::unknown, exit_code::configuration, exit_code::usage,       exit_code::unreachable,
                   exit_code::denied,  exit_code::busy,          exit_code::not_running, exit_code::error,
                   exit_code::refused, exit_code::changes,       exit_code::success};
    for (auto graver = from_gravest.begin(); graver != from_gravest.end(); ++graver) {
        for (auto other = graver; other != from_gravest.end(); ++other) {
            CHECK(gravest({*graver, *other}) == *graver);
            CHECK(gravest({*other, *graver}) == *graver);
        }
    }
    CHECK(gravest({}) == exit_code::success);
}

namespace {

/// A plan that leaves one difference of guest 101, for a reason of its node's, its token's or this host's.
auto plan_that_leaves(actual_guest_builder found, const plan_policy& policy = {}, const std::string& key = "memory",
                      const std::string& value = "1024") -> plan
{
    return planned(normalized({desire(101, {{key, value}})}), observed({found.build()}), policy);
}

} // namespace

TEST_CASE("plan tells of every difference, whether apply could act on it or not, and apply says nothing better")
{
    const auto differing = [] { return guest{101}.with("memory", "512"); };
    const auto left = std::vector<plan>{
        plan_that_leaves(differing().locked("backup")),
        plan_that_leaves(differing(), {.observed = {id_of(101)}}),
        plan_that_leaves(guest{101}.with("protection", "1"), {}, "protection", "0"),
    };
    for (const auto& one : left) {
        REQUIRE(one.actions().empty());
        REQUIRE(one.skips().size() == 1);
        INFO(code_of(one.skips().front().why));
        CHECK(exit_code_of(one) == exit_code::changes);
        CHECK(gravity_of(exit_code_of(one, {})) >= gravity_of(exit_code_of(one)));
    }
}

TEST_CASE("a change that only waits for a restart is no difference")
{
    const auto waits =
        plan_that_leaves(guest{101}.pending("nameserver", "192.0.2.1", "192.0.2.2"), {}, "nameserver", "192.0.2.2");
    REQUIRE(waits.skips().size() == 1);
    CHECK(std::holds_alternative<awaits_restart>(waits.skips().front().why));
    CHECK(exit_code_of(waits) == exit_code::success);
    CHECK(to_text(waits, on_pve1(), {}, the_agent()).find("; 1 waits for a restart\n") != std::string::npos);
}

TEST_CASE("what could not be read has its own exit status, beside any difference")
{
    CHECK(knowledge_of(guest_not_visible{}) == knowledge::not_known);
    CHECK(knowledge_of(value_hidden{}) == knowledge::not_known);
    CHECK(exit_code_of(planned(normalized({desire(109, {{"memory", "1024"}})}), observed({}))) == exit_code::denied);
}

TEST_CASE("plan tells that there is something to do only where nothing graver hides it")
{
    CHECK(exit_code_of(planned(normalized({}), observed({}))) == exit_code::success);
    CHECK(exit_code_of(mixed_plan()) == exit_code::denied); // guest 104 is not to be seen
    CHECK(exit_code_of(plan_that_leaves(guest{101}.with("memory", "512"))) == exit_code::changes);
    auto unread = guest{102};
    unread.unreadable(interrupted());
    CHECK(exit_code_of(planned(normalized({desire(101, {{"memory", "1024"}}), desire(102, {{"memory", "512"}})}),
                               observed({guest{101}.with("memory", "512").build(), unread.build()})))
          == exit_code::unreachable);
}
