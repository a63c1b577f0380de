#pragma once

#include <felhom/core/overloaded.hpp>
#include <felhom/operate/operation_record.hpp>
#include <felhom/operate/postcondition.hpp>
#include <felhom/operate/signed_operation.hpp>
#include <felhom/reconcile/plan.hpp>
#include <felhom/reconcile/run_policy.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

// Operations by name and parameters, the one form in which they are classified, recorded and taken up again.
namespace felhom::operate {

[[nodiscard]] inline auto call_of(const reconcile::action& step, const reconcile::run_policy& policy) -> operation_call
{
    return std::visit(
        overloaded{
            [](const reconcile::update_config& s) {
                auto set = boost::json::object{};
                auto remove = boost::json::array{};
                for (const auto& change : s.changes) {
                    if (change.to) {
                        set[change.key] = *change.to;
                    } else {
                        remove.emplace_back(change.key);
                    }
                }
                return operation_call{.op = "guest.set_config",
                                      .params = {{"set", std::move(set)}, {"delete", std::move(remove)}}};
            },
            [](const reconcile::start_guest&) { return operation_call{.op = "guest.start", .params = {}}; },
            [&](const reconcile::shutdown_guest& s) {
                return operation_call{
                    .op = "guest.shutdown",
                    .params = {{"timeout", policy.shutdown_timeout.count()}, {"force_stop", s.kill_after_timeout}}};
            },
        },
        step);
}

namespace detail {

[[nodiscard]] inline auto text_of(const boost::json::object& params, std::string_view name) -> std::string
{
    const auto* const value = params.if_contains(name);
    const auto* const text = value == nullptr ? nullptr : value->if_string();
    return text == nullptr ? std::string{} : std::string{std::string_view{*text}};
}

[[nodiscard]] inline auto keys_of(const boost::json::object& params) -> config_holds
{
    auto wanted = config_holds{};
    const auto* const set = params.if_contains("set");
    if (const auto* const object = set == nullptr ? nullptr : set->if_object()) {
        for (const auto& [key, value] : *object) {
            const auto* const text = value.if_string();
            wanted.keys.push_back({.key = std::string{std::string_view{key}},
                                   .value = text == nullptr ? std::string{} : std::string{std::string_view{*text}}});
        }
    }
    const auto* const remove = params.if_contains("delete");
    if (const auto* const array = remove == nullptr ? nullptr : remove->if_array()) {
        for (const auto& key : *array) {
            if (const auto* const text = key.if_string()) {
                wanted.keys.push_back({.key = std::string{std::string_view{*text}}, .value = std::nullopt});
            }
        }
    }
    return wanted;
}

} // namespace detail

/// What a read must show once the operation has taken effect. Nothing for an operation of which no read tells.
[[nodiscard]] inline auto postcondition_of(const operation_call& call) -> std::optional<postcondition>
{
    using proxmox::power_state;
    if (call.op == "guest.set_config") {
        return detail::keys_of(call.params);
    }
    if (call.op == "guest.start") {
        return guest_is{power_state::running};
    }
    if (call.op == "guest.shutdown" || call.op == "guest.stop") {
        return guest_is{power_state::stopped};
    }
    if (call.op == "guest.destroy") {
        return guest_gone{};
    }
    if (call.op == "guest.restore") {
        const auto* const force = call.params.if_contains("force");
        return guest_made{.is_new = force == nullptr || *force == boost::json::value{false}};
    }
    if (call.op == "guest.snapshot") {
        return snapshot_made{detail::text_of(call.params, "snapshot")};
    }
    if (call.op == "guest.delete_snapshot") {
        return snapshot_gone{detail::text_of(call.params, "snapshot")};
    }
    if (call.op == "guest.rollback") {
        return rolled_back_to{detail::text_of(call.params, "snapshot")};
    }
    if (call.op == "backup.delete") {
        const auto volid = proxmox::volume_id::parse(detail::text_of(call.params, "volid"));
        return volid ? std::optional<postcondition>{backup_gone{*volid}} : std::nullopt;
    }
    return std::nullopt;
}

} // namespace felhom::operate
