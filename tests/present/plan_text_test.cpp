// SPDX-License-Identifier: Apache-2.0
#include "reconcile/builders.hpp"
#include "support/catch.hpp"
#include "support/data.hpp"

#include <felhom/present/plan_text.hpp>

#include <cstddef>
#include <optional>
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

auto context_on_pve1(std::string source = "file") -> plan_context
{
    return {.node = *node_name::parse("pve1"), .source = std::move(source)};
}

auto shown(const plan& made, std::optional<std::size_t> width = std::nullopt) -> std::string
{
    return to_text(made, context_on_pve1(), {.width = width}, the_agent());
}

/// The plan of a guest of which one key is to be another.
auto plan_of_key(const std::string& key, const std::string& from, const std::string& to) -> plan
{
    return planned(normalized({desire(101, {{key, to}})}), observed({guest{101}.with(key, from).build()}));
}

auto has(const std::string& text, const std::string& part) -> bool
{
    return text.find(part) != std::string::npos;
}

/// One of everything that a plan can say.
auto rich_plan() -> plan
{
    auto backup = guest{103};
    backup.stopped();
    auto unread = guest{109};
    unread.unreadable(interrupted());
    auto actual = observed(
        {guest{101}.with("description", "Web server\nowner: anna").with("tags", "web").with("cores", "1").build(),
         guest{102}.with("net0", "name=eth0,bridge=vmbr0,hwaddr=02:00:00:00:00:01,ip=dhcp").build(), backup.build(),
         guest{104}.build(), guest{105}.with("memory", "256").build(), guest{106}.with("protection", "1").build(),
         guest{107}.pending("nameserver", "192.0.2.1", "192.0.2.2").build(), guest{108}.build(), unread.build(),
         guest{110}.with("mp0", "local-lvm:vm-110-disk-1,mp=/data,size=64G").build()});
    actual.granted = proxmox::permissions{.paths = {{"/vms",
                                                     {{"VM.Audit", true},
                                                      {"VM.Config.CPU", true},
                                                      {"VM.Config.Network", true},
                                                      {"VM.Config.Options", true},
                                                      {"VM.PowerMgmt", true}}},
                                                    {"/sdn/zones/localnetwork", {{"SDN.Use", true}}}}};
    auto gone = desire(108, {});
    gone.absent = true;
    return planned(
        normalized(
            {desire(101, {{"description", "# Web server\n\nServes the *shop*.\nowner: anna"},
                          {"tags", "prod;web"},
                          {"cores", "2"}}),
             desire(102, {{"net0", "name=eth0,bridge=vmbr0,hwaddr=02:00:00:00:00:01,ip=192.0.2.22/24,gw=192.0.2.1"}}),
             desire(103, {}, run_state::running), desire(104, {}, run_state::stopped), desire(105, {{"memory", "512"}}),
             desire(106, {{"protection", "0"}}), desire(107, {{"nameserver", "192.0.2.2"}}), gone,
             desire(109, {{"memory", "512"}}), desire(110, {{"mp0", "local-lvm:vm-110-disk-1,mp=/data,size=128G"}})}),
        actual);
}

/// The rich plan as a command would print it.
auto transcript(const text_format& format) -> std::string
{
    auto around = context_on_pve1();
    around.too_many = operate::too_many_at_once{.guests = 4, .of = 9};
    return to_text(rich_plan(), around, format, the_agent());
}

} // namespace

TEST_CASE("a plan on a terminal of 80 columns, on one of 200 in colour, and in a pipe is as its transcripts show")
{
    CHECK(transcript({.width = 80}) == read_data("present/plan_80_columns.txt"));
    CHECK(transcript({.style = terminal_colour, .width = 200}) == read_data("present/plan_200_columns_colour.txt"));
    CHECK(transcript({}) == read_data("present/plan_in_a_pipe.txt"));
}

TEST_CASE("the first line sums a plan up, with what cannot be applied, what waits and what could not be read")
{
    CHECK(summary_of(rich_plan(), context_on_pve1())
          == "Plan for pve1, generation 1 (file): 2 to change, 1 to start, 1 to stop; 4 cannot be applied, 1 waits for "
             "a restart, 1 guest could not be read");
    CHECK(summary_of(planned(normalized({}), observed({})), context_on_pve1("empty"))
          == "Plan for pve1, nothing desired: no changes to apply, 0 guests checked");
}

TEST_CASE("what the hub may not have is among what cannot be applied, with the reason")
{
    auto around = context_on_pve1("hub");
    around.refused.push_back({.id = id_of(102), .key = "memory", .wanted = "2048", .why = hub::key_not_allowed{}});
    const auto nothing = planned(normalized({}), observed({}));
    CHECK(has(summary_of(nothing, around), "; 1 cannot be applied"));
    CHECK(has(to_text(nothing, around, {}, the_agent()),
              "\nNot taken from the hub:\n  102 memory         the hub may not set this key"));
}

TEST_CASE("a text of several lines is compared by line, and what stands before and behind the change is left out")
{
    const auto text = shown(plan_of_key("description", "a\nb\nc\n", "a\nB\nc\n"));
    CHECK(has(text, "      description    (2 lines changed)\n"
                    "                     - b\n"
                    "                     + B\n"));
    CHECK_FALSE(has(text, " a\n"));
    CHECK(has(text, "\n- taken away   + added\n"));
}

TEST_CASE("tags are compared by element, and properties one by one")
{
    CHECK(has(shown(plan_of_key("tags", "a;b", "b;c")), "      tags           - a\n"
                                                        "                     + c\n"));
    const auto network = std::string{"name=eth0,bridge=vmbr0,hwaddr=02:00:00:00:00:01,ip="};
    const auto text = shown(plan_of_key("net0", network + "dhcp", network + "192.0.2.22/24,gw=192.0.2.1"));
    CHECK(has(text, "      net0           ip  dhcp -> 192.0.2.22/24\n"
                    "                     gw  (none) -> 192.0.2.1\n"));
    CHECK_FALSE(has(text, "bridge"));
    CHECK_FALSE(has(text, "taken away")); // no legend where there is no mark
}

TEST_CASE("a value is cut only where the line would be wider than the terminal, and never without one")
{
    const auto longer = std::string(100, 'b');
    const auto made = plan_of_key("hostname", "a", longer);
    CHECK(has(shown(made), "a -> " + longer + "\n"));
    CHECK(has(shown(made, 126), "a -> " + longer + "\n"));
    const auto cut = shown(made, 80);
    CHECK_FALSE(has(cut, longer));
    CHECK(has(cut, "a -> bbb"));
    CHECK(has(cut, "b…"));
}

TEST_CASE("a key tells its own consequence where its guest has other changes, and the guest's line the gravest")
{
    const auto made = planned(normalized({desire(101, {{"cores", "2"}, {"timezone", "UTC"}})}),
                              observed({guest{101}.with("cores", "1").with("timezone", "host").build()}));
    CHECK(has(shown(made), "  101 CT101          change                   takes effect at the next restart\n"
                           "      cores          1 -> 2\n"
                           "      timezone       host -> UTC  (takes effect at the next restart)\n"));
}

TEST_CASE("no value of a guest commands the terminal")
{
    const auto text = shown(plan_of_key("description", "a", "\x1b[2Jb\n\x1b]0;c\nd"));
    CHECK(text.find('\x1b') == std::string::npos);
}

TEST_CASE("colour marks a plan and changes nothing else of it")
{
    auto text = transcript({.style = terminal_colour, .width = 80});
    CHECK(has(text, "\x1b[32m+ prod\x1b[0m"));
    for (const auto escape : {terminal_colour.strong, terminal_colour.added, terminal_colour.changed,
                              terminal_colour.warned, terminal_colour.faint, terminal_colour.plain}) {
        for (auto at = text.find(escape); at != std::string::npos; at = text.find(escape)) {
            text.erase(at, escape.size());
        }
    }
    CHECK(text == transcript({.width = 80}));
}
