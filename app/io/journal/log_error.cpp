// SPDX-License-Identifier: Apache-2.0
#include "io/journal/log_error.hpp"

#include <felhom/core/may_pass.hpp>
#include <felhom/core/overloaded.hpp>

namespace felhom::io {

namespace {

/// The only way on that lets no operation through twice.
auto way_on(const std::filesystem::path& path) -> std::string
{
    return ". Without it, operations that were carried out could be carried out again: put no older or empty file "
           "in its place. 'felhom-agent verify --repair-nonce-store "
           + path.string() + "' makes one that refuses whatever may have been accepted until now";
}

auto way_on_without_journal(const std::filesystem::path& mark) -> std::string
{
    return ". Without it, operations that were carried out could be carried out again: put no older or empty file in "
           "its "
           "place. If it is lost for good, wait until everything that was signed so far has expired, then remove "
           + mark.string();
}

} // namespace

auto describe(const log_error& error) -> std::string
{
    return std::visit(
        overloaded{
            [](const disk_failed& e) { return e.call + " failed on " + e.path.string() + ": " + e.error.message(); },
            [](const log_missing& e) {
                return e.path.string()
                       + " does not exist. The agent makes it when it first runs; if this host had one, put no older "
                         "file in its place: operations that were carried out could be carried out again";
            },
            [](const log_vanished& e) {
                return e.path.string() + " is gone, and " + e.mark.string() + " shows that it was there"
                       + (e.is_journal ? way_on_without_journal(e.mark) : way_on(e.path));
            },
            [](const log_exposed& e) { return describe(e.flaw, e.path.string()); },
            [](const log_exists& e) { return e.path.string() + " exists already"; },
            [](const log_locked& e) { return e.path.string() + " is in use by " + e.holder; },
            [](const log_refused& e) { return e.path.string() + ": " + describe(e.why); },
            [](const replay_damaged& e) {
                return e.path.string() + " is damaged at byte " + std::to_string(e.what.offset) + ": " + e.what.reason
                       + way_on(e.path);
            },
            [](const log_intact& e) { return e.path.string() + " is intact: there is nothing to repair"; },
            [](const record_unknown& e) {
                return e.path.string() + ": record " + std::to_string(e.seq) + " is not understood: " + e.what;
            },
            [](const log_poisoned& e) { return "the log takes no more records until it is opened anew: " + e.cause; },
            [](const log_closed&) { return std::string{"the log is closed"}; },
        },
        error);
}

auto may_pass(const log_error& error) -> bool
{
    return std::visit(
        overloaded{
            [](const disk_failed& e) { return felhom::may_pass(static_cast<std::errc>(e.error.value())); },
            [](const log_poisoned&) { return true; },
            [](const log_closed&) { return true; },
            [](const log_missing&) { return false; },
            [](const log_vanished&) { return false; },
            [](const log_exposed&) { return false; },
            [](const log_exists&) { return false; },
            [](const log_locked&) { return false; },
            [](const log_refused&) { return false; },
            [](const replay_damaged&) { return false; },
            [](const log_intact&) { return false; },
            [](const record_unknown&) { return false; },
        },
        error);
}

} // namespace felhom::io
