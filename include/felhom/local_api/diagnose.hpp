// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/contains.hpp>
#include <felhom/core/node_name.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/hub/desired_offer.hpp>
#include <felhom/hub/hub_answer.hpp>
#include <felhom/hub/hub_error.hpp>
#include <felhom/hub/report/sourced.hpp>
#include <felhom/local_api/diagnosis.hpp>
#include <felhom/net/transport_error.hpp>
#include <felhom/proxmox/api/caller.hpp>
#include <felhom/proxmox/errors/decode_error.hpp>
#include <felhom/proxmox/errors/error.hpp>
#include <felhom/proxmox/lxc/key_table.hpp>
#include <felhom/proxmox/model/node_status.hpp>
#include <felhom/proxmox/model/tried_release.hpp>
#include <felhom/proxmox/model/version.hpp>
#include <felhom/reconcile/exit_codes.hpp>

#include <tl/expected.hpp>

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// What each of doctor's looks means.
namespace felhom::local_api {

namespace detail {

inline constexpr auto no_api = std::string_view{
    "this is no Proxmox VE API, but a proxy or a login page: proxmox.url should name port 8006 of the node"};
inline constexpr auto look_at_daemons = std::string_view{"see what `journalctl -u pveproxy -u pvedaemon` says"};

[[nodiscard]] inline auto fix_of(const net::transport_error& error) -> std::string
{
    using kind = net::transport_error::kind;
    switch (error.what) {
    case kind::unreachable:
    case kind::timeout:
    case kind::interrupted:
        return "see that proxmox.url names this node and that `systemctl status pveproxy` is well";
    case kind::untrusted:
        return "compare proxmox.fingerprint with `openssl x509 -noout -fingerprint -sha256 -in "
               "/etc/pve/local/pve-ssl.pem` (pveproxy-ssl.pem where that is there)";
    case kind::not_http:
        return std::string{no_api};
    case kind::too_large:
        break;
    }
    return std::string{look_at_daemons};
}

/// What of the whole answer is not as it should be was not sent by Proxmox VE.
[[nodiscard]] inline auto fix_of(const proxmox::decode_error& error) -> std::string
{
    return std::string{error.path == "$" ? no_api : look_at_daemons};
}

[[nodiscard]] inline auto fix_of(const proxmox::api_error& error) -> std::string
{
    static constexpr auto elsewhere = std::array{301, 302, 303, 307, 308, 404, 405};
    if (error.status == 401) {
        return "compare proxmox.token_id and its secret with what `pveum user token list` shows of their user on the "
               "node; one that has expired must be renewed";
    }
    return std::string{contains(elsewhere, error.status) ? no_api : look_at_daemons};
}

/// What to do about a node that did not answer as it should.
[[nodiscard]] inline auto node_fix(const proxmox::call_error& why) -> std::string
{
    return std::visit([](const auto& error) { return fix_of(error); }, why);
}

} // namespace detail

/// Whether the API answers, and to whom.
[[nodiscard]] inline auto diagnose_api(const tl::expected<proxmox::version, proxmox::call_error>& answer,
                                       const std::string& url, const proxmox::token_id& token) -> finding
{
    if (answer) {
        return good("proxmox", "Proxmox VE " + answer->number + " answers at " + url + ", as " + token.text());
    }
    const auto* const told = std::get_if<proxmox::api_error>(&answer.error());
    const auto hint = told == nullptr ? std::string{} : proxmox::where_to_look(*told, {.token = token});
    return bad("proxmox", url + ": " + proxmox::describe(answer.error()),
               hint.empty() ? detail::node_fix(answer.error()) : hint, reconcile::exit_code_of(answer.error()));
}

/// Whether this release of Proxmox VE is one on which the agent was tried.
[[nodiscard]] inline auto diagnose_release(const proxmox::version& found) -> finding
{
    const auto release = "Proxmox VE " + found.release;
    const auto tried = detail::listed({proxmox::tried_releases.begin(), proxmox::tried_releases.end()});
    switch (proxmox::standing_of(found)) {
    case proxmox::release_standing::tried:
        return good("release", release + " is one that this agent was tried on");
    case proxmox::release_standing::untried:
        return advice("release", release + " is supported, and this agent was not tried on it, but on " + tried,
                      {"run `felhom-agent selftest` and look at what `felhom-agent plan` says before you rely on it"});
    case proxmox::release_standing::unsupported:
        break;
    }
    return advice("release", release + " is not supported; this agent was tried on " + tried,
                  {"use Proxmox VE 8.x or 9.x"});
}

/// Whether there is a node of the configured name.
[[nodiscard]] inline auto
diagnose_node_name(const tl::expected<proxmox::partial_list<proxmox::cluster_node>, proxmox::call_error>& nodes,
                   const node_name& configured) -> finding
{
    if (!nodes) {
        return not_looked("node name", proxmox::describe(nodes.error()), detail::node_fix(nodes.error()),
                          reconcile::exit_code_of(nodes.error()));
    }
    if (contains(nodes->rows, configured, &proxmox::cluster_node::name)) {
        return good("node name", configured.text() + " is a node here");
    }
    auto names = std::vector<std::string>{};
    for (const auto& node : nodes->rows) {
        names.push_back(node.name.text());
    }
    return bad("node name", "there is no node '" + configured.text() + "', but " + detail::listed(names),
               "set proxmox.node to what `hostname` prints on this node", exit_code::configuration);
}

/// The privileges, where the node does not tell which the token has.
[[nodiscard]] inline auto privileges_not_told(const proxmox::call_error& why) -> finding
{
    return not_looked("privileges", proxmox::describe(why), detail::node_fix(why), reconcile::exit_code_of(why));
}

[[nodiscard]] inline auto diagnose_clock(const tl::expected<bool, hub::source_error>& synchronized) -> finding
{
    if (!synchronized) {
        return not_looked("clock", "the kernel does not tell: " + synchronized.error().detail,
                          "see what `timedatectl` says of a time server", exit_code::error);
    }
    return *synchronized ? good("clock", "it follows a time server")
                         : bad("clock",
                               "it follows no time server; signed operations that are valid may be refused, and old "
                               "ones taken",
                               "timedatectl set-ntp true", exit_code::error);
}

/// Whether the hub answers, and takes this host's key.
[[nodiscard]] inline auto diagnose_hub(const hub::hub_exchanged& answer, const std::string& url) -> finding
{
    if (!answer) {
        const auto untrusted = answer.error().what == net::transport_error::kind::untrusted;
        return bad("hub", url + ": " + proxmox::describe(answer.error()),
                   untrusted ? "give the authority that signed its certificate as hub.ca_file"
                             : "see that hub.url is right and that this host reaches it",
                   untrusted ? exit_code::denied : exit_code::unreachable);
    }
    if (answer->status == 401 || answer->status == 403) {
        return bad("hub", url + ": it refuses this host, " + std::to_string(answer->status),
                   "compare hub.host_id and hub.api_key with what the hub knows of this host", exit_code::denied);
    }
    if (answer->status >= 500) {
        return bad("hub", url + ": it answers " + std::to_string(answer->status),
                   "that is the hub's to mend; this host works on meanwhile", exit_code::unreachable);
    }
    if (answer->status == 429) {
        return bad("hub", url + ": it answers 429: it is asked too often", "wait, and look again", exit_code::busy);
    }
    const auto read = hub::read_desired(answer);
    if (read && std::holds_alternative<hub::no_desired_state>(*read)) {
        return good("hub", "it answers at " + url + ", knows this host, and has no desired state for it");
    }
    if (answer->status == 404) {
        return advice(
            "hub", url + ": it answers 404: it has no desired state for this host, or does not know it, or is no hub",
            {"nothing, if the hub is to have none; else compare hub.url and hub.host_id with what the hub "
             "knows of this host"});
    }
    if (!read) {
        return bad("hub", url + ": " + describe(read.error()),
                   "see that hub.url leads to the hub itself, and to nothing before it", exit_code::error);
    }
    const auto* const sent = std::get_if<hub::desired_document>(&*read);
    const auto offer = hub::accept_offer(std::nullopt, sent == nullptr ? "" : sent->text, lxc::key_table::standard());
    if (!offer) {
        return bad("hub", url + ": what it sends is no desired state: " + describe(offer.error()),
                   "mend the desired state that the hub has for this host; if it has none like that, see that hub.url "
                   "leads to the hub itself, and to nothing before it",
                   exit_code::error);
    }
    return good("hub", "it answers at " + url + " and knows this host");
}

} // namespace felhom::local_api
