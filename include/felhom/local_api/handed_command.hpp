// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/vmid.hpp>
#include <felhom/operate/consent.hpp>
#include <felhom/operate/operation/operation_record.hpp>

#include <optional>
#include <string>
#include <variant>

// What changes something, as one value: a command line that finds the journal free carries it out itself, and one that
// finds a daemon holding it hands it over.
namespace felhom::local_api {

/// One pass for a person who stands behind it.
struct apply_once {
    bool accept_inventory = false;                         ///< guests may have vanished since the last pass
    bool accept_mass_change = false;                       ///< many guests may be changed at once
    std::optional<operate::consent> agreed = std::nullopt; ///< to what of the plan that was shown; nothing: to all

    friend auto operator==(const apply_once&, const apply_once&) -> bool = default;
};

/// One unattended pass and one look into the drop box.
struct pass_once {
    friend auto operator==(const pass_once&, const pass_once&) -> bool = default;
};

/// One signed operation.
struct submit_bundle {
    std::string name; ///< of the file that it came from, for what is said about it
    std::string text;

    friend auto operator==(const submit_bundle&, const submit_bundle&) -> bool = default;
};

/// An operator has looked into an outcome that nobody knew.
struct acknowledge_operation {
    operate::operation_id id;

    friend auto operator==(const acknowledge_operation&, const acknowledge_operation&) -> bool = default;
};

/// A parked guest is to be tried again.
struct release_guest {
    vmid guest;

    friend auto operator==(const release_guest&, const release_guest&) -> bool = default;
};

/// The hub's next desired state is taken, whatever its generation.
struct reset_generation {
    friend auto operator==(const reset_generation&, const reset_generation&) -> bool = default;
};

/// Shows on one guest that changes work.
struct selftest_guest {
    vmid guest;

    friend auto operator==(const selftest_guest&, const selftest_guest&) -> bool = default;
};

using handed_command = std::variant<apply_once, pass_once, submit_bundle, acknowledge_operation, release_guest,
                                    reset_generation, selftest_guest>;

/// A command, and how its output is to look.
struct handed_request {
    bool json = false;
    bool colour = false;
    handed_command command;

    friend auto operator==(const handed_request&, const handed_request&) -> bool = default;
};

/// What came of it: what the command would have ended with and printed, had it run by itself.
struct handed_reply {
    int status = 0;
    std::string out;
    std::string err;

    friend auto operator==(const handed_reply&, const handed_reply&) -> bool = default;
};

} // namespace felhom::local_api
