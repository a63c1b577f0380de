// SPDX-License-Identifier: Apache-2.0
#include "agent/hand_over.hpp"

#include "agent/commands/progress_watch.hpp"
#include "agent/setup/command_socket.hpp"
#include "io/serve/local_client.hpp"

#include <felhom/core/utf8.hpp>
#include <felhom/local_api/handed_command_json.hpp>
#include <felhom/local_api/pages.hpp>
#include <felhom/local_api/read_status.hpp>

#include <chrono>
#include <ostream>
#include <utility>
#include <vector>

namespace felhom::agent {

namespace {

/// A text that JSON cannot carry as it is would arrive as another.
[[nodiscard]] auto is_carried(const local_api::handed_command& handed) -> bool
{
    const auto* const bundle = std::get_if<local_api::submit_bundle>(&handed);
    return bundle == nullptr || utf8::repaired(bundle->text) == bundle->text;
}

/// What the running agent says that it has under way; nothing where it does not say.
[[nodiscard]] auto under_way_at(const std::string& socket) -> std::vector<local_api::operation_under_way>
{
    static constexpr auto patience = std::chrono::milliseconds{5000};
    const auto said = io::ask_socket(socket, std::string{local_api::status_target}, /*body=*/std::nullopt, patience);
    return said && (said->status == 200 || said->status == 503)
               ? local_api::read_under_way(said->body).value_or(std::vector<local_api::operation_under_way>{})
               : std::vector<local_api::operation_under_way>{};
}

} // namespace

auto hand_over(const std::string& state_directory, const local_api::handed_command& handed, watch_rules told,
               const console& to) -> std::optional<exit_code>
{
    if (!is_carried(handed)) {
        return fail("this is no bundle: it is not UTF-8", to, exit_code::refused);
    }
    const auto request =
        local_api::handed_request{.json = to.json, .colour = !to.format.style.plain.empty(), .command = handed};
    const auto socket = command_socket_in(state_directory);
    const auto answer = [&] {
        told.running = [&] { return under_way_at(socket); };
        told.by_daemon = true;
        const auto watch = progress_watch{std::move(told), to.err};
        return io::ask_socket(socket, std::string{local_api::command_target}, local_api::print(request));
    }();
    if (!answer) {
        // What was sent may have been begun.
        return answer.error().nobody_there
                   ? std::nullopt
                   : std::optional{fail("the running agent did not answer: " + answer.error().reason
                                            + "; `ops list` shows what it has begun",
                                        to, exit_code::unknown)};
    }
    if (answer->status != 200) {
        return fail(printable(answer->body, 1000), to, exit_code::error);
    }
    const auto reply = local_api::parse_handed_reply(answer->body);
    if (!reply) {
        return fail("the running agent answered in a way that this version does not understand: "
                        + describe(reply.error()),
                    to, exit_code::unknown);
    }
    to.out << reply->out;
    to.err << reply->err;
    return exit_code{reply->status};
}

auto run_status(const std::string& socket, const console& to) -> exit_code
{
    const auto target = to.json ? local_api::status_target : local_api::status_text_target;
    const auto answer =
        io::ask_socket(socket, std::string{target}, /*body=*/std::nullopt, std::chrono::milliseconds{10'000});
    if (!answer) {
        return fail("no agent is listening at " + socket + " (" + answer.error().reason
                        + "): is the service running, with this configuration and as this user?",
                    to, answer.error().not_served ? exit_code::not_running : exit_code::error);
    }
    to.out << answer->body;
    return answer->status == 200 ? exit_code::success : exit_code::error;
}

} // namespace felhom::agent
