#include "agent/hand_over.hpp"

#include "agent/command_desk.hpp"
#include "io/serve/local_client.hpp"

#include <felhom/control/handed_command_json.hpp>
#include <felhom/control/pages.hpp>
#include <felhom/core/utf8.hpp>

#include <chrono>

namespace felhom::agent {

namespace {

/// A text that JSON cannot carry as it is would arrive as another.
[[nodiscard]] auto is_carried(const control::handed_command& handed) -> bool
{
    const auto* const bundle = std::get_if<control::submit_bundle>(&handed);
    return bundle == nullptr || utf8::repaired(bundle->text) == bundle->text;
}

} // namespace

auto hand_over(const std::string& state_directory, const control::handed_command& handed, const console& to)
    -> std::optional<exit_code>
{
    if (!is_carried(handed)) {
        return fail("this is no bundle: it is not UTF-8", to, exit_code::refused);
    }
    const auto request = control::handed_request{.json = to.json, .colour = !to.style.plain.empty(), .command = handed};
    const auto answer = io::ask_socket(command_socket_in(state_directory), std::string{control::command_target},
                                       control::print(request));
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
    const auto reply = control::parse_handed_reply(answer->body);
    if (!reply) {
        return fail("the running agent answered in a way that this version does not understand: "
                        + describe(reply.error()),
                    to, exit_code::unknown);
    }
    to.out << reply->out;
    to.err << reply->err;
    return exit_code{reply->status};
}

auto run_status(const std::string& state_directory, const console& to) -> exit_code
{
    const auto socket = command_socket_in(state_directory);
    const auto target = to.json ? control::status_target : control::status_text_target;
    const auto answer =
        io::ask_socket(socket, std::string{target}, /*body=*/std::nullopt, std::chrono::milliseconds{10'000});
    if (!answer) {
        return fail("no agent answers at " + socket + ": " + answer.error().reason
                        + "; is `felhom-agent run` running, with this configuration and as this user?",
                    to, exit_code::unreachable);
    }
    to.out << answer->body;
    return answer->status == 200 ? exit_code::success : exit_code::error;
}

} // namespace felhom::agent
