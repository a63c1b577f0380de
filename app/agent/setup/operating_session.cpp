// SPDX-License-Identifier: Apache-2.0
#include "agent/setup/operating_session.hpp"

#include "agent/setup/hub_files.hpp"
#include "agent/setup/kernel_clock.hpp"
#include "agent/setup/switch_files.hpp"
#include "io/files/private_file.hpp"

#include <felhom/authz/keys/fingerprint.hpp>
#include <felhom/config/settings.hpp>
#include <felhom/operate/procedures/take_up.hpp>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <utility>

namespace felhom::agent {

namespace {

using not_opened = tl::unexpected<startup_errors>;

[[nodiscard]] auto this_process() -> std::string
{
    return "felhom-agent, process " + std::to_string(::getpid());
}

/// What the host's owner and the hub say now.
[[nodiscard]] auto ask_around(const operation_settings& settings, instant now) -> operate::host_switches
{
    auto veto = read_veto(settings.veto_file);
    const auto blocked =
        settings.has_hub && (settings.hub_blocks() || hub_files{settings.state_directory}.is_blocked());
    return {.now = now,
            .signers = settings.signers,
            .paused = read_pause(state_paths::in(settings.state_directory).paused),
            .blocked = blocked,
            .vetoed = veto ? *veto : std::nullopt,
            .veto_unread = veto ? std::nullopt : std::optional{veto.error()}};
}

/// Who may sign, as text that does not depend on the order of the configuration.
[[nodiscard]] auto list_of(const std::shared_ptr<const authz::signers>& signers) -> std::vector<std::string>
{
    auto all = std::vector<std::string>{};
    if (signers == nullptr) {
        return all;
    }
    for (const auto& one : signers->all()) {
        all.push_back(authz::fingerprint(one->blob(), signers->hashes()) + " " + std::string{name(one->tag())} + " "
                      + one->key_id());
    }
    std::ranges::sort(all);
    return all;
}

} // namespace

auto lines_of(const io::log_error& error) -> startup_errors
{
    const auto what = std::holds_alternative<io::log_locked>(error) ? local_api::obstacle::held
                      : io::may_pass(error)                         ? local_api::obstacle::passes
                                                                    : local_api::obstacle::to_mend;
    return {{io::describe(error)}, what};
}

operating_session::operating_session(operation_settings settings, std::unique_ptr<io::journal> journal,
                                     io::drop_box box, const agent::node_io& node, io::logger log)
    : settings_{std::move(settings)}, clock_{state_paths::in(settings_.state_directory).clock_stepped},
      journal_{std::move(journal)}, box_{std::move(box)}, log_{std::move(log)},
      live_{std::make_unique<live_io>(
          node, *journal_, operate::lane_limits{.at_once = settings_.guests_at_once, .allocating_at_once = 2},
          [now = node.now, settings = settings_] { return ask_around(settings, now()); })}
{
    journal_->when_failed([this](const std::string& why) {
        live_->halt();
        settings_.journal_failed(why);
    });
}

auto operating_session::open(const operation_settings& settings, const agent::node_io& node, const io::logger& log)
    -> tl::expected<std::unique_ptr<operating_session>, startup_errors>
{
    const auto paths = state_paths::in(settings.state_directory);
    if (auto made = io::ensure_private_directory(settings.state_directory, file_kind::secret); !made) {
        return not_opened{lines_of(made.error())};
    }
    auto journal =
        io::journal::open_or_create(io::system_disk(), settings.journal_path, this_process(), settings.journal);
    if (!journal) {
        return not_opened{lines_of(journal.error())};
    }
    auto box = io::drop_box::open(paths.signed_ops);
    if (!box) {
        return not_opened{lines_of(box.error())};
    }
    // The constructor is private, out of make_unique's reach.
    return std::unique_ptr<operating_session>{
        new operating_session{settings, *std::move(journal), *std::move(box), node, log}};
}

void operating_session::recover_in_flight(const lane_wait& wait)
{
    if (const auto& torn = journal_->opening().torn) {
        log_.warning("the journal's end was cut off by a crash", {{"offset", torn->offset}, {"bytes", torn->bytes}});
    }
    const auto in = view();
    static_cast<void>(trusts_clock(in.in.now())); // from now on a step of the clock is seen
    const auto signers = list_of(in.look_around().signers);
    const auto known = journal_->read().signers();
    if (known ? known->signers != signers : !signers.empty()) {
        const auto noted = in.append(operate::signers_changed{.at = in.in.now(), .signers = signers});
        if (!noted) {
            log_.error("the signers could not be noted", {{"reason", noted.error().reason}});
        }
    }
    for (const auto& lost : journal_->read().in_flight()) {
        log_.notice("an operation was interrupted when the agent stopped; checking its outcome",
                    {{"operation", number(lost.id)}, {"guest", lost.guest.number()}, {"op", name_of(lost.what)}});
    }
    static_cast<void>(run(view(wait), operate::take_up(rules())));
}

auto operating_session::trusts_clock(instant now) -> bool
{
    const auto steady = view().in.steady();
    const auto at_hub = settings_.hub_clock(steady);
    const auto trusted = clock_.look(now, steady, rules().gate.times.tolerated(),
                                     {.kernel = is_kernel_clock_synchronized().value_or(false),
                                      .hub_is_ahead = at_hub ? std::optional{*at_hub - now} : std::nullopt});
    if (std::exchange(trusted_clock_, trusted) && !trusted) {
        log_.error("the clock was set forward: what is used is not forgotten until the clock is known to be right",
                   {{"ends_with", "synchronisation, a hub that agrees, or `felhom-agent clock-is-right`"}});
    }
    return trusted;
}

void operating_session::compact()
{
    const auto now = view().in.now();
    const auto trusted = trusts_clock(now);
    if (const auto compacted = journal_->compact(trusted ? std::optional{now} : std::nullopt, rules().gate.times.skew);
        !compacted) {
        log_.error("the journal could not be compacted", {{"reason", io::describe(compacted.error())}});
    }
    if (!trusted) {
        return;
    }
    const auto oldest = std::chrono::floor<std::chrono::seconds>(now - settings_.keep_results);
    if (const auto removed = box_.remove_results_before(oldest.time_since_epoch().count()); !removed) {
        log_.error("old results could not be removed", {{"reason", describe(removed.error())}});
    }
}

} // namespace felhom::agent
