// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/json/error.hpp>
#include <felhom/core/overloaded.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

namespace felhom::reconcile {

struct unsupported_version {
    std::uint64_t got;

    friend auto operator==(const unsupported_version&, const unsupported_version&) -> bool = default;
};

/// One field given in two places: spec.memory and config.memory.
struct given_twice {
    std::string path;
    std::string other_path;

    friend auto operator==(const given_twice&, const given_twice&) -> bool = default;
};

/// More guests than a desired state may name.
struct too_many_guests {
    std::size_t found;
    std::size_t most;

    friend auto operator==(const too_many_guests&, const too_many_guests&) -> bool = default;
};

struct duplicate_guest {
    std::string path;
    std::uint32_t id;

    friend auto operator==(const duplicate_guest&, const duplicate_guest&) -> bool = default;
};

/// A configuration key that is not in the table of keys.
struct unknown_key {
    std::string path;

    friend auto operator==(const unknown_key&, const unknown_key&) -> bool = default;
};

/// A key that PVE keeps for itself.
struct not_settable {
    std::string path;

    friend auto operator==(const not_settable&, const not_settable&) -> bool = default;
};

/// null for a key that a container cannot be without.
struct not_removable {
    std::string path;

    friend auto operator==(const not_removable&, const not_removable&) -> bool = default;
};

/// A text that stands for nothing. PVE would store a blank for it (pve-api.md §7): null unsets a key.
struct empty_value {
    std::string path;

    friend auto operator==(const empty_value&, const empty_value&) -> bool = default;
};

/// A guest that is to be gone, and to have something.
struct absent_and_managed {
    std::string path; ///< of what it is to have

    friend auto operator==(const absent_and_managed&, const absent_and_managed&) -> bool = default;
};

using desired_error = std::variant<json_syntax_error, json_type_error, json_unknown_member, unsupported_version,
                                   given_twice, too_many_guests, duplicate_guest, unknown_key, not_settable,
                                   not_removable, empty_value, absent_and_managed>;

/// One line: where in the document, what is wrong, what to do.
[[nodiscard]] inline auto describe(const desired_error& error) -> std::string
{
    return std::visit(
        overloaded{
            [](const json_syntax_error& e) { return felhom::describe(json_error{e}); },
            [](const json_type_error& e) { return felhom::describe(json_error{e}); },
            [](const json_unknown_member& e) { return felhom::describe(json_error{e}); },
            [](const unsupported_version& e) {
                return "$.version: this agent reads version 1 of a desired state, not " + std::to_string(e.got);
            },
            [](const given_twice& e) {
                return e.path + ": already given as " + e.other_path + "; keep one of the two";
            },
            [](const too_many_guests& e) {
                return "$.guests: " + std::to_string(e.found) + " guests, and a desired state may name "
                       + std::to_string(e.most) + "; remove those that are not to be managed on this node";
            },
            [](const duplicate_guest& e) {
                return e.path + ": guest " + std::to_string(e.id) + " is described twice; merge the two";
            },
            [](const unknown_key& e) { return e.path + ": not a container configuration key that this agent knows"; },
            [](const not_settable& e) { return e.path + ": Proxmox VE keeps this key for itself; remove it here"; },
            [](const not_removable& e) {
                return e.path + ": a container cannot be without this key, so it cannot be null; give it a value";
            },
            [](const empty_value& e) { return e.path + ": an empty value; null unsets a key"; },
            [](const absent_and_managed& e) {
                return e.path + ": the guest is to be absent, so nothing of it can be managed; keep one of the two";
            },
        },
        error);
}

} // namespace felhom::reconcile
