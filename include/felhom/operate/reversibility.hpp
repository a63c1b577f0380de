#pragma once

#include <felhom/core/enum_table.hpp>
#include <felhom/proxmox/guest_config.hpp>
#include <felhom/proxmox/lxc/key_table.hpp>

#include <boost/json/object.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::operate {

/// What an operation may cost, in rising order.
enum class reversibility {
    benign,      ///< interrupts nobody and loses nothing
    reversible,  ///< interrupts, or changes something that can be changed back
    destructive, ///< may lose data, or the protection of it: needs an operator's signature
};

inline constexpr auto reversibility_words = enum_table{
    std::array{enum_word{reversibility::benign, "benign"}, enum_word{reversibility::reversible, "reversible"},
               enum_word{reversibility::destructive, "destructive"}}};

[[nodiscard]] constexpr auto text_of(reversibility what) -> std::string_view
{
    return reversibility_words.text_of(what);
}

struct judgement {
    reversibility what;
    std::string why;

    friend auto operator==(const judgement&, const judgement&) -> bool = default;
};

namespace detail {

using classifier = judgement (*)(const boost::json::object& params);

[[nodiscard]] inline auto is_true(const boost::json::object& params, std::string_view name) -> bool
{
    const auto* const value = params.if_contains(name);
    const auto* const flag = value == nullptr ? nullptr : value->if_bool();
    // What is there and is not plainly false counts as true.
    return value != nullptr && (flag == nullptr || *flag);
}

/// A parameter that this row does not know may ask for anything.
template <std::size_t Size>
[[nodiscard]] auto first_stranger(const boost::json::object& params, const std::array<std::string_view, Size>& known)
    -> std::string_view
{
    for (const auto& member : params) {
        if (std::ranges::find(known, std::string_view{member.key()}) == known.end()) {
            return member.key();
        }
    }
    return {};
}

[[nodiscard]] inline auto stranger(std::string_view name) -> judgement
{
    return {.what = reversibility::destructive,
            .why = "the parameter '" + std::string{name} + "' is not known here, and may ask for anything"};
}

template <reversibility What, std::size_t Size>
[[nodiscard]] auto plain(const boost::json::object& params, const std::array<std::string_view, Size>& known,
                         std::string_view why) -> judgement
{
    const auto other = first_stranger(params, known);
    return other.empty() ? judgement{.what = What, .why = std::string{why}} : stranger(other);
}

[[nodiscard]] inline auto of_start(const boost::json::object& params) -> judgement
{
    return plain<reversibility::benign>(params, std::array<std::string_view, 0>{}, "a guest that runs loses nothing");
}
[[nodiscard]] inline auto of_shutdown(const boost::json::object& params) -> judgement
{
    return plain<reversibility::reversible>(params, std::array<std::string_view, 2>{"timeout", "force_stop"},
                                            "the guest can be started again");
}
[[nodiscard]] inline auto of_stop(const boost::json::object& params) -> judgement
{
    return plain<reversibility::reversible>(params, std::array<std::string_view, 0>{},
                                            "the guest can be started again");
}
[[nodiscard]] inline auto of_snapshot(const boost::json::object& params) -> judgement
{
    return plain<reversibility::benign>(params, std::array<std::string_view, 2>{"snapshot", "description"},
                                        "a snapshot takes nothing away");
}
[[nodiscard]] inline auto of_resize(const boost::json::object& params) -> judgement
{
    return plain<reversibility::reversible>(params, std::array<std::string_view, 2>{"disk", "size"},
                                            "a disk can only grow, and keeps what it holds");
}

/// Restoring to a number that is free makes a guest; with force, whatever has the number is gone.
[[nodiscard]] inline auto of_restore(const boost::json::object& params) -> judgement
{
    static constexpr auto known = std::array<std::string_view, 4>{"archive", "storage", "force", "unique"};
    if (const auto other = first_stranger(params, known); !other.empty()) {
        return stranger(other);
    }
    if (is_true(params, "force")) {
        return {.what = reversibility::destructive, .why = "the guest that has the number is replaced"};
    }
    return {.what = reversibility::reversible, .why = "a guest is made where there is none"};
}

[[nodiscard]] inline auto of_key(std::string_view key, const std::string* value) -> judgement
{
    const auto table = lxc::key_table::standard();
    const auto* const rule = table.find(key);
    const auto named = "'" + std::string{key} + "'";
    if (rule == nullptr) {
        return {.what = reversibility::destructive, .why = named + " is not a known configuration key"};
    }
    switch (rule->managed) {
    case lxc::management::planned:
        break;
    case lxc::management::set_only:
        if (value == nullptr || *value != "1") {
            return {.what = reversibility::destructive, .why = "it drops " + named};
        }
        break;
    case lxc::management::nesting_only:
        return {.what = reversibility::reversible, .why = named + " can be changed back"};
    case lxc::management::storage:
    case lxc::management::pve:
        return {.what = reversibility::destructive, .why = named + " names volumes"};
    case lxc::management::root_only:
    case lxc::management::immutable:
        return {.what = reversibility::destructive, .why = named + " may leave the guest unable to start"};
    }
    switch (rule->weight) {
    case lxc::consequence::live:
    case lxc::consequence::needs_restart:
        return {.what = reversibility::benign, .why = named + " can be changed back"};
    case lxc::consequence::connectivity_risk:
        return {.what = reversibility::reversible, .why = named + " may cut the guest off"};
    case lxc::consequence::destructive:
        break;
    }
    return {.what = reversibility::destructive, .why = named + " may lose data"};
}

/// The gravest of its keys.
[[nodiscard]] inline auto of_set_config(const boost::json::object& params) -> judgement
{
    static constexpr auto known = std::array<std::string_view, 2>{"set", "delete"};
    if (const auto other = first_stranger(params, known); !other.empty()) {
        return stranger(other);
    }
    auto gravest = judgement{.what = reversibility::benign, .why = "it changes nothing"};
    auto first = true;
    const auto weigh = [&](judgement one) {
        if (first || one.what > gravest.what) {
            gravest = std::move(one);
            first = false;
        }
    };
    const auto unreadable = [](std::string_view name) {
        return judgement{.what = reversibility::destructive, .why = "'" + std::string{name} + "' cannot be read"};
    };
    if (const auto* const set = params.if_contains("set")) {
        const auto* const object = set->if_object();
        if (object == nullptr) {
            return unreadable("set");
        }
        for (const auto& [key, value] : *object) {
            const auto* const text = value.if_string();
            const auto given = text == nullptr ? std::string{} : std::string{std::string_view{*text}};
            weigh(of_key(std::string_view{key}, &given));
        }
    }
    if (const auto* const remove = params.if_contains("delete")) {
        const auto* const array = remove->if_array();
        if (array == nullptr) {
            return unreadable("delete");
        }
        for (const auto& key : *array) {
            const auto* const text = key.if_string();
            weigh(text == nullptr ? unreadable("delete") : of_key(std::string_view{*text}, nullptr));
        }
    }
    return gravest;
}

template <std::size_t Which>
[[nodiscard]] auto always_destructive(const boost::json::object& /*params*/) -> judgement
{
    static constexpr auto reasons =
        std::array<std::string_view, 4>{"what was written since the snapshot is lost", "the snapshot is gone for good",
                                        "the guest and its volumes are gone for good", "the backup is gone for good"};
    return {.what = reversibility::destructive, .why = std::string{std::get<Which>(reasons)}};
}

struct classified_operation {
    std::string_view op;
    classifier judge;
};

} // namespace detail

/// Every operation whose cost is known. What is not here counts as destructive.
inline constexpr auto classified_operations = std::array{
    detail::classified_operation{"guest.start", detail::of_start},
    detail::classified_operation{"guest.shutdown", detail::of_shutdown},
    detail::classified_operation{"guest.stop", detail::of_stop},
    detail::classified_operation{"guest.set_config", detail::of_set_config},
    detail::classified_operation{"guest.snapshot", detail::of_snapshot},
    detail::classified_operation{"guest.resize", detail::of_resize},
    detail::classified_operation{"guest.restore", detail::of_restore},
    detail::classified_operation{"guest.rollback", detail::always_destructive<0>},
    detail::classified_operation{"guest.delete_snapshot", detail::always_destructive<1>},
    detail::classified_operation{"guest.destroy", detail::always_destructive<2>},
    detail::classified_operation{"backup.delete", detail::always_destructive<3>},
};

/// What an operation with these parameters may cost, and why. Total: it has an answer for every name and every
/// parameter, and what is not known is destructive.
[[nodiscard]] inline auto classify(std::string_view op, const boost::json::object& params) -> judgement
{
    const auto* const found = std::ranges::find(classified_operations, op, &detail::classified_operation::op);
    if (found == classified_operations.end()) {
        return {.what = reversibility::destructive,
                .why = "'" + std::string{op} + "' is no operation that is known here"};
    }
    return found->judge(params);
}

} // namespace felhom::operate
