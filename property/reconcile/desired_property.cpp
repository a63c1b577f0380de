// SPDX-License-Identifier: Apache-2.0
#include "proxmox/legal_value.hpp"
#include "proxmox/schema.hpp"
#include "reconcile/builders.hpp"
#include "support/rapidcheck.hpp"

#include <felhom/core/json/writer.hpp>
#include <felhom/operate/procedures/execute.hpp>
#include <felhom/proxmox/model/config_changes.hpp>
#include <felhom/reconcile/desired/desired_json.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <string>
#include <vector>

using namespace felhom;
using namespace felhom::lxc;
using namespace felhom::reconcile;
using namespace felhom::testing;

namespace {

/// Pieces that values are made of, good ones and those that look good.
auto pieces() -> const std::vector<std::string>&
{
    static const auto all = std::vector<std::string>{
        "name=eth0",
        "bridge=vmbr0",
        ",",
        "hwaddr=",
        "BC:24:11:0A:0B:0C",
        "zz",
        "tag=",
        "abc",
        "4095",
        "7",
        "ip=10.0.0.2/24",
        "ip6=fe80::1/64",
        "ip=dhcp",
        "firewall=on",
        "nesting=1",
        "nesting=2",
        "keyctl=true",
        "mount=nfs;cifs",
        "order=",
        "007",
        "up=5",
        "web",
        ";",
        " ",
        "a_b",
        "-",
        "1.1.1.1",
        "fe80::1%eth0",
        "A=1",
        "\n",
        "\t",
        "ä",
        "Europe/Berlin",
        "host",
        "tty",
        "/sbin/init",
        "=",
        ".",
        "trunks=1;2",
        "mtu=1500",
        "rate=1.5",
        "type=veth",
        "mtu=",
        "%",
        "10.0.0.1/0",
        "link_down=1",
        "gw=10.0.0.1",
        "gw6=::1",
        "host-managed=1",
        "amd64",
        "debian",
        "local:8",
        "mp=/data",
        "/dev/ttyUSB0",
        "local:snippets/a.pl",
    };
    return all;
}

auto any_text_value() -> rc::Gen<std::string>
{
    return rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(pieces())),
                        [](const std::vector<std::string>& parts) {
                            auto joined = std::string{};
                            for (const auto& part : parts) {
                                joined += part;
                            }
                            return joined;
                        });
}

/// A member that fits the type of a key more often than not.
auto any_member(const value_kind& kind) -> rc::Gen<boost::json::value>
{
    return rc::gen::exec([kind]() -> boost::json::value {
        if (*rc::gen::inRange(0, 8) == 0) {
            return nullptr;
        }
        if (std::holds_alternative<boolean>(kind)) {
            return *rc::gen::arbitrary<bool>();
        }
        if (std::holds_alternative<integer>(kind)) {
            return *rc::gen::element<std::int64_t>(0, 1, 2, 16, 64, 8192, 500'000, 1'073'741'824);
        }
        if (std::holds_alternative<number>(kind)) {
            return *rc::gen::weightedOneOf<double>(
                {{1, rc::gen::element(0.0, 1e-5, 1e-17, 1e-18, 1e-300, 0.1, 8192.0, 8191.999999999)},
                 {1, rc::gen::map(rc::gen::inRange(0, 8'192'000), [](int n) { return n / 1000.0; })},
                 {1, rc::gen::map(rc::gen::inRange(1, 1'000'000), [](int n) { return 1.0 / n; })}});
        }
        return boost::json::value(*any_text_value());
    });
}

auto key_of(const config_key& rule) -> std::string
{
    return std::string{rule.key} + (rule.indices == 0 ? "" : *rc::gen::element<std::string>("0", "9", "10"));
}

} // namespace

TEST_CASE("laws of what may be desired")
{
    rc::prop("what the parser accepts a call can carry, and it comes out of the plan as a request", [] {
        auto config = boost::json::object{};
        const auto rules = key_table::standard().rules();
        const auto count = *rc::gen::inRange(1, 5);
        for (auto taken = 0; taken < count; ++taken) {
            const auto& rule = **rc::gen::elementOf(rules);
            config[key_of(rule)] = *any_member(rule.admits);
        }
        const auto document = json_text(
            boost::json::object{{"version", 1}, {"generation", 1}, {"guests", {{{"vmid", 101}, {"config", config}}}}});
        const auto desired = parse_desired_state(document, key_table::standard());
        RC_CLASSIFY(desired.has_value(), "accepted");
        if (!desired) {
            return;
        }
        for (const auto& [key, value] : desired->guests.front().entries) {
            const auto& rule = *key_table::standard().find(key);
            const auto written = rule.managed == management::planned || rule.managed == management::set_only
                                 || rule.managed == management::nesting_only;
            if (written) {
                const auto changes = value ? proxmox::config_changes::make({{.key = key, .value = *value}}, {})
                                           : proxmox::config_changes::make({}, {key});
                RC_ASSERT(changes.has_value());
            }
        }
        auto guest = actual_guest_builder{101};
        guest.with("unprivileged", "1").with("memory", "17").with("net0", "name=x,bridge=y,hwaddr=BC:24:11:0A:0B:0C");
        const auto made =
            planned(*normalize(*desired, {.release = {9, 1}}, key_table::standard()), observed({guest.build()}));
        for (const auto& step : made.actions()) {
            RC_ASSERT(operate::operation_of(step, {.node = *node_name::parse("pve1"), .facts = {}, .patience = {}})
                          .request.has_value());
        }
        for (const auto& skip : made.skips()) {
            RC_ASSERT(!std::holds_alternative<not_writable>(skip.why));
        }
    });
    rc::prop("what can be desired of a key is admitted by its row and taken by the recorded schema", [] {
        const auto& parameters = schema::api::of_this_release().parameters("PUT", "/nodes/{node}/lxc/{vmid}/config");
        auto accepted = 0;
        for (const auto& key : standard_keys) {
            const auto* const rule = parameters.if_contains(std::string{key.key} + (key.indices != 0 ? "[n]" : ""));
            if (rule == nullptr) {
                continue;
            }
            const auto legal = rc::gen::map(arbitrary::legal_value(rule->as_object()),
                                            [](const std::string& text) { return boost::json::value(text); });
            const auto member = *rc::gen::oneOf(any_member(key.admits), legal);
            const auto desired = read_desired_value(json_node::root(member), key);
            if (desired && *desired) {
                ++accepted;
                RC_ASSERT(admits(key.admits, **desired));
                RC_ASSERT(schema::check(rule->as_object(), **desired, false) == std::nullopt);
            }
        }
        RC_CLASSIFY(accepted >= 10, "ten keys or more are accepted");
    });
}
