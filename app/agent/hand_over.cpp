#include "agent/hand_over.hpp"

#include "agent/setup/command_socket.hpp"
#include "io/serve/local_client.hpp"

#include <felhom/core/utf8.hpp>
#include <felhom/local_api/handed_command_json.hpp>
#include <felhom/local_api/pages.hpp>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <ostream>
#include <thread>
#include <utility>

namespace felhom::agent {

namespace {

/// A text that JSON cannot carry as it is would arrive as another.
[[nodiscard]] auto is_carried(const local_api::handed_command& handed) -> bool
{
    const auto* const bundle = std::get_if<local_api::submit_bundle>(&handed);
    return bundle == nullptr || utf8::repaired(bundle->text) == bundle->text;
}

/// Tells a person who waits for a command what for, once, if it takes a while.
class waiting_note {
public:
    waiting_note(std::string socket, std::ostream& to)
        : thread_{[this, socket = std::move(socket), &to] {
              static constexpr auto a_while = std::chrono::seconds{3};
              static constexpr auto patience = std::chrono::milliseconds{5000};
              auto hold = std::unique_lock{mutex_};
              if (changed_.wait_for(hold, a_while, [this] { return over_; })) {
                  return;
              }
              const auto said =
                  io::ask_socket(socket, std::string{local_api::under_way_target}, /*body=*/std::nullopt, patience);
              if (said && said->status == 200) {
                  to << said->body << std::flush;
              }
          }}
    {
    }
    waiting_note(const waiting_note&) = delete;
    waiting_note(waiting_note&&) = delete;
    auto operator=(const waiting_note&) -> waiting_note& = delete;
    auto operator=(waiting_note&&) -> waiting_note& = delete;
    ~waiting_note()
    {
        {
            const auto hold = std::lock_guard{mutex_};
            over_ = true;
        }
        changed_.notify_all();
        thread_.join();
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool over_ = false;
    std::thread thread_; ///< the last member: it uses the others
};

} // namespace

auto hand_over(const std::string& state_directory, const local_api::handed_command& handed, const console& to)
    -> std::optional<exit_code>
{
    if (!is_carried(handed)) {
        return fail("this is no bundle: it is not UTF-8", to, exit_code::refused);
    }
    const auto request =
        local_api::handed_request{.json = to.json, .colour = !to.format.style.plain.empty(), .command = handed};
    const auto socket = command_socket_in(state_directory);
    const auto answer = [&] {
        const auto note = waiting_note{socket, to.err};
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

auto run_status(const std::string& state_directory, const console& to) -> exit_code
{
    const auto socket = command_socket_in(state_directory);
    const auto target = to.json ? local_api::status_target : local_api::status_text_target;
    const auto answer =
        io::ask_socket(socket, std::string{target}, /*body=*/std::nullopt, std::chrono::milliseconds{10'000});
    if (!answer) {
        return fail("no agent is listening at " + socket + " (" + answer.error().reason
                        + "): is the service running, with this configuration and as this user?",
                    to, exit_code::unreachable);
    }
    to.out << answer->body;
    return answer->status == 200 ? exit_code::success : exit_code::error;
}

} // namespace felhom::agent
