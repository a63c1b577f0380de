#pragma once

#include <felhom/authz/operation_name.hpp>
#include <felhom/core/json/node.hpp>
#include <felhom/core/nearest.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/core/printable.hpp>
#include <felhom/operate/signed_operation.hpp>
#include <felhom/proxmox/guest_config.hpp>

#include <boost/json/object.hpp>
#include <tl/expected.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace felhom::operate {

/// What a parameter of a signed operation holds.
enum class param_type { flag, snapshot, archive, storage, settings, keys };

struct param_rule {
    std::string_view name;
    param_type type;
    bool required = false;
};

/// One row of the closed table: an operation and all its parameters.
struct signed_operation_rule {
    std::string_view op;
    std::string_view does; ///< for people, in a few words
    std::span<const param_rule> params;
};

namespace detail {

inline constexpr auto destroy_params =
    std::array{param_rule{"purge", param_type::flag}, param_rule{"destroy_unreferenced", param_type::flag},
               param_rule{"stop", param_type::flag}};
inline constexpr auto rollback_params =
    std::array{param_rule{"snapshot", param_type::snapshot, true}, param_rule{"start", param_type::flag}};
inline constexpr auto delete_snapshot_params = std::array{param_rule{"snapshot", param_type::snapshot, true}};
inline constexpr auto restore_params =
    std::array{param_rule{"archive", param_type::archive, true}, param_rule{"storage", param_type::storage},
               param_rule{"force", param_type::flag}, param_rule{"unique", param_type::flag}};
inline constexpr auto set_config_params =
    std::array{param_rule{"set", param_type::settings}, param_rule{"delete", param_type::keys}};
inline constexpr auto backup_delete_params = std::array{param_rule{"volid", param_type::archive, true}};

} // namespace detail

/// Every operation that can be signed. What is not here is refused, whoever signed it.
inline constexpr auto signed_operations = std::array{
    signed_operation_rule{"guest.destroy", "delete the guest and its volumes", detail::destroy_params},
    signed_operation_rule{"guest.rollback", "return the guest to a snapshot; what was written since is lost",
                          detail::rollback_params},
    signed_operation_rule{"guest.delete_snapshot", "delete a snapshot", detail::delete_snapshot_params},
    signed_operation_rule{"guest.restore", "make the guest out of a backup; with force, over the one that is there",
                          detail::restore_params},
    signed_operation_rule{"guest.set_config", "change the configuration", detail::set_config_params},
    signed_operation_rule{"guest.stop", "kill the guest's processes", {}},
    signed_operation_rule{"backup.delete", "delete a backup", detail::backup_delete_params},
};

static_assert(std::ranges::equal(signed_operations, authz::operation_names, {}, &signed_operation_rule::op));

[[nodiscard]] inline auto find_signed_operation(std::string_view op) -> const signed_operation_rule*
{
    const auto* const found = std::ranges::find(signed_operations, op, &signed_operation_rule::op);
    return found == signed_operations.end() ? nullptr : found;
}

struct unknown_operation {
    std::string op;
    std::string nearest; ///< empty when none is near

    friend auto operator==(const unknown_operation&, const unknown_operation&) -> bool = default;
};
struct unknown_param {
    std::string op;
    std::string name;
    std::string nearest;

    friend auto operator==(const unknown_param&, const unknown_param&) -> bool = default;
};
struct missing_param {
    std::string op;
    std::string name;

    friend auto operator==(const missing_param&, const missing_param&) -> bool = default;
};
struct bad_param {
    std::string op;
    std::string name;
    std::string expected;
    std::string got;

    friend auto operator==(const bad_param&, const bad_param&) -> bool = default;
};
/// Changes that no configuration call of this agent may carry.
struct bad_changes {
    proxmox::config_changes_error why;

    friend auto operator==(const bad_changes&, const bad_changes&) -> bool = default;
};

using params_error = std::variant<unknown_operation, unknown_param, missing_param, bad_param, bad_changes>;

[[nodiscard]] inline auto describe(const params_error& error) -> std::string
{
    const auto meant = [](const std::string& nearest) {
        return nearest.empty() ? std::string{} : " (did you mean '" + nearest + "'?)";
    };
    return std::visit(overloaded{
                          [&](const unknown_operation& e) {
                              return "there is no operation '" + printable(e.op) + "'" + meant(e.nearest);
                          },
                          [&](const unknown_param& e) {
                              return e.op + " has no parameter '" + printable(e.name) + "'" + meant(e.nearest);
                          },
                          [](const missing_param& e) { return e.op + " needs the parameter '" + e.name + "'"; },
                          [](const bad_param& e) {
                              return e.op + ", parameter '" + e.name + "': expected " + e.expected + ", got "
                                     + printable(e.got);
                          },
                          [](const bad_changes& e) { return "guest.set_config: " + proxmox::describe(e.why); },
                      },
                      error);
}

namespace detail {

template <typename T>
using params_result = tl::expected<T, params_error>;

/// Reads the parameters of one operation. The first failure sticks.
class param_reader {
public:
    param_reader(std::string_view op, const boost::json::object& given) : op_{op}, given_{&given} {}

    [[nodiscard]] auto flag(std::string_view name) -> bool
    {
        const auto* const value = given_->if_contains(name);
        const auto* const truth = value == nullptr ? nullptr : value->if_bool();
        if (value != nullptr && truth == nullptr) {
            fail(name, "true or false", *value);
        }
        return truth != nullptr && *truth;
    }

    /// The text as the type that parses it; nothing when it is absent, or wrong.
    template <typename T>
    [[nodiscard]] auto parsed(std::string_view name) -> std::optional<T>
    {
        const auto* const value = given_->if_contains(name);
        if (value == nullptr) {
            return std::nullopt;
        }
        const auto* const text = value->if_string();
        if (text == nullptr) {
            fail(name, "a string", *value);
            return std::nullopt;
        }
        auto made = T::parse(std::string_view{*text});
        if (!made) {
            fail_with(name, made.error().rule, std::string{*text});
            return std::nullopt;
        }
        return *std::move(made);
    }

    /// {"key":"text as in a form", …}
    [[nodiscard]] auto settings(std::string_view name) -> std::vector<proxmox::config_entry>
    {
        auto all = std::vector<proxmox::config_entry>{};
        const auto* const value = given_->if_contains(name);
        const auto* const object = value == nullptr ? nullptr : value->if_object();
        if (value != nullptr && object == nullptr) {
            fail(name, R"(an object whose values are strings, such as {"protection":"0"})", *value);
        }
        if (object == nullptr) {
            return all;
        }
        for (const auto& [key, text] : *object) {
            if (const auto* const given = text.if_string()) {
                all.push_back(
                    {.key = std::string{std::string_view{key}}, .value = std::string{std::string_view{*given}}});
            } else {
                fail(name, R"(an object whose values are strings, such as {"protection":"0"})", text);
            }
        }
        return all;
    }

    [[nodiscard]] auto keys(std::string_view name) -> std::vector<std::string>
    {
        auto all = std::vector<std::string>{};
        const auto* const value = given_->if_contains(name);
        const auto* const array = value == nullptr ? nullptr : value->if_array();
        if (value != nullptr && array == nullptr) {
            fail(name, "an array of keys", *value);
        }
        if (array == nullptr) {
            return all;
        }
        for (const auto& key : *array) {
            if (const auto* const given = key.if_string()) {
                all.emplace_back(std::string_view{*given});
            } else {
                fail(name, "an array of keys", key);
            }
        }
        return all;
    }

    [[nodiscard]] auto failure() const -> const std::optional<params_error>& { return failure_; }

private:
    void fail(std::string_view name, std::string expected, const boost::json::value& got)
    {
        fail_with(name, std::move(expected), json_node::root(got).fail(std::string{}).got);
    }
    void fail_with(std::string_view name, std::string expected, std::string got)
    {
        if (!failure_) {
            failure_ = bad_param{.op = std::string{op_},
                                 .name = std::string{name},
                                 .expected = std::move(expected),
                                 .got = std::move(got)};
        }
    }

    std::string_view op_;
    const boost::json::object* given_;
    std::optional<params_error> failure_;
};

/// Every parameter is one of the operation's, and every one that it needs is there.
[[nodiscard]] inline auto check_names(const signed_operation_rule& rule, const boost::json::object& given)
    -> params_result<void>
{
    auto known = std::vector<std::string_view>{};
    for (const auto& param : rule.params) {
        if (param.required && !given.contains(param.name)) {
            return tl::unexpected<params_error>(
                missing_param{.op = std::string{rule.op}, .name = std::string{param.name}});
        }
        known.push_back(param.name);
    }
    for (const auto& member : given) {
        const auto name = std::string_view{member.key()};
        if (std::ranges::find(known, name) == known.end()) {
            return tl::unexpected<params_error>(unknown_param{
                .op = std::string{rule.op}, .name = std::string{name}, .nearest = std::string{nearest(name, known)}});
        }
    }
    return {};
}

[[nodiscard]] inline auto build(std::string_view op, const boost::json::object& given)
    -> params_result<signed_operation>
{
    auto in = param_reader{op, given};
    const auto end = [&](auto make) -> params_result<signed_operation> {
        if (in.failure()) {
            return tl::unexpected(*in.failure());
        }
        return signed_operation{make()};
    };
    if (op == "guest.destroy") {
        const auto made = guest_destroy{.purge = in.flag("purge"),
                                        .destroy_unreferenced = in.flag("destroy_unreferenced"),
                                        .stop = in.flag("stop")};
        return end([&] { return made; });
    }
    if (op == "guest.rollback") {
        auto snapshot = in.parsed<proxmox::snapshot_name>("snapshot");
        const auto start = in.flag("start");
        return end([&] { return guest_rollback{.snapshot = *std::move(snapshot), .start = start}; });
    }
    if (op == "guest.delete_snapshot") {
        auto snapshot = in.parsed<proxmox::snapshot_name>("snapshot");
        return end([&] { return guest_delete_snapshot{.snapshot = *std::move(snapshot)}; });
    }
    if (op == "guest.restore") {
        auto archive = in.parsed<proxmox::volume_id>("archive");
        auto storage = in.parsed<proxmox::storage_id>("storage");
        const auto force = in.flag("force");
        const auto unique = in.flag("unique");
        return end([&] {
            return guest_restore{
                .archive = *std::move(archive), .storage = std::move(storage), .force = force, .unique = unique};
        });
    }
    if (op == "guest.set_config") {
        auto changes = proxmox::config_changes::make(in.settings("set"), in.keys("delete"));
        if (!in.failure() && !changes) {
            return tl::unexpected<params_error>(bad_changes{changes.error()});
        }
        return end([&] { return guest_set_config{*std::move(changes)}; });
    }
    if (op == "guest.stop") {
        return signed_operation{guest_stop{}};
    }
    auto volid = in.parsed<proxmox::volume_id>("volid");
    return end([&] { return backup_delete{*std::move(volid)}; });
}

} // namespace detail

/// What an operation's name and parameters ask for. Unknown, missing and wrongly typed parameters are refused.
[[nodiscard]] inline auto parse_signed_operation(std::string_view op, const boost::json::object& params)
    -> tl::expected<signed_operation, params_error>
{
    const auto* const rule = find_signed_operation(op);
    if (rule == nullptr) {
        auto known = std::vector<std::string_view>{};
        for (const auto& one : signed_operations) {
            known.push_back(one.op);
        }
        return tl::unexpected<params_error>(
            unknown_operation{.op = std::string{op}, .nearest = std::string{nearest(op, known)}});
    }
    return detail::check_names(*rule, params).and_then([&] { return detail::build(op, params); });
}

} // namespace felhom::operate
