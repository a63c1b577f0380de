// SPDX-License-Identifier: Apache-2.0
#include "agent/hub/ask_hub.hpp"

#include "agent/hub/hub_link.hpp"
#include "agent/hub/hub_setup.hpp"
#include "agent/setup/hub_files.hpp"

#include <felhom/config/settings.hpp>

#include <chrono>
#include <memory>
#include <mutex>
#include <semaphore>
#include <utility>

namespace felhom::agent {

void ask_hub(const config::layered& from, const node_session& node, operating_session& session, const io::logger& log)
{
    const auto settings = config::read_hub(from);
    const auto state = config::read_state(from);
    if (!settings || !state) {
        return;
    }
    auto box = io::drop_box::open(state_paths::in(state->directory).signed_ops);
    auto duties = open_hub(from, node, &session.journal(), box ? std::optional{*std::move(box)} : std::nullopt,
                           std::make_shared<status_board>(steady_clock_now()), log);
    if (!duties) {
        log.error("the hub is not asked", {{"reason", duties.error().lines().front()}});
        return;
    }
    auto heard = std::binary_semaphore{0};
    auto once = std::once_flag{};
    duties->heard = [&] { std::call_once(once, [&] { heard.release(); }); };
    const auto link = hub_link{*std::move(duties), hub::report_buffer{random_run()}};
    if (!heard.try_acquire_for(settings->first_answer)) {
        log.warning("the hub did not answer in time: what it said last is in force");
    }
}

auto age_of_hubs_word(const config::layered& from, instant now) -> std::optional<std::string>
{
    const auto state = config::read_state(from);
    if (!config::read_hub(from) || !state) {
        return std::nullopt;
    }
    const auto kept = hub_files{state->directory}.envelope().value_or(std::nullopt);
    if (!kept) {
        return "the hub has not answered yet";
    }
    const auto age = std::chrono::duration_cast<std::chrono::minutes>(now - kept->received_at);
    return "what the hub said at " + to_rfc3339(kept->received_at) + " is used (" + std::to_string(age.count())
           + " min ago)";
}

} // namespace felhom::agent
