// SPDX-License-Identifier: Apache-2.0
#include "agent/daemon/command_queue.hpp"
#include "io/serve/local_client.hpp"
#include "support/catch.hpp"
#include "support/scratch_directory.hpp"

#include <felhom/core/exit_code.hpp>
#include <felhom/local_api/handed_command_json.hpp>
#include <felhom/local_api/pages.hpp>

#include <chrono>
#include <future>
#include <optional>
#include <semaphore>
#include <string>

using namespace felhom;
using namespace std::chrono_literals;

namespace {

auto nobodys_status() -> local_api::agent_status
{
    return {.agent_version = "1",
            .node = *node_name::parse("pve1"),
            .process = 1,
            .now = {},
            .started = {},
            .mode = local_api::working_mode::observe,
            .interval = 60s};
}

/// The desk of a daemon that is busy: commands wait until the test serves them.
class open_desk {
public:
    open_desk() { desk_->open(socket_, std::nullopt); }

    /// Hands a command over, and answers when it waits.
    [[nodiscard]] auto hand_over(const std::string& name) -> std::future<std::string>
    {
        const auto request = local_api::print(local_api::handed_request{
            .json = false, .colour = false, .command = local_api::submit_bundle{.name = name, .text = {}}});
        auto said = std::async(std::launch::async, [request, socket = socket_] {
            const auto answer = io::ask_socket(socket, std::string{local_api::command_target}, request, 20s);
            return answer ? answer->body : answer.error().reason;
        });
        REQUIRE(waits_.try_acquire_for(20s));
        return said;
    }

    /// Serves one, which is answered with its name.
    [[nodiscard]] auto serve_next() -> bool
    {
        return desk_->serve_next([](const local_api::handed_request& request, const std::string& /*by*/) {
            return local_api::handed_reply{
                .status = 0, .out = std::get<local_api::submit_bundle>(request.command).name, .err = {}};
        });
    }

    /// Begins one, which is answered with its name once it may end.
    [[nodiscard]] auto begin_next(std::shared_future<void> may_end) -> bool
    {
        return desk_->begin_next(
            [may_end = std::move(may_end)](const local_api::handed_request& request, const std::string& /*by*/) {
                may_end.wait();
                return local_api::handed_reply{
                    .status = 0, .out = std::get<local_api::submit_bundle>(request.command).name, .err = {}};
            });
    }

    void close() { desk_.reset(); }

private:
    tests::scratch_directory files_;
    std::string socket_ = (files_ / "agent.sock").string();
    std::counting_semaphore<> waits_{0};
    std::optional<agent::command_queue> desk_{std::in_place, nobodys_status,
                                              [](bool /*to_send*/, const auto& tell) { tell({}); },
                                              [this] { waits_.release(); }, io::logger{log_level::error}};
};

auto reply_in(std::future<std::string>& said) -> local_api::handed_reply
{
    const auto body = said.get();
    INFO(body);
    const auto reply = local_api::parse_handed_reply(body);
    REQUIRE(reply.has_value());
    return *reply;
}

} // namespace

TEST_CASE("commands are carried out one after the other, in the order in which they came")
{
    auto desk = open_desk{};
    auto first = desk.hand_over("first");
    auto second = desk.hand_over("second");
    CHECK(desk.serve_next());
    CHECK(reply_in(first).out == "first");
    CHECK(desk.serve_next());
    CHECK(reply_in(second).out == "second");
    CHECK_FALSE(desk.serve_next());
}

TEST_CASE("a command that takes long keeps none of the others waiting")
{
    auto desk = open_desk{};
    auto first = desk.hand_over("first");
    auto second = desk.hand_over("second");
    auto first_may_end = std::promise<void>{};
    auto second_may_end = std::promise<void>{};
    CHECK(desk.begin_next(first_may_end.get_future()));
    CHECK(desk.begin_next(second_may_end.get_future()));
    second_may_end.set_value();
    CHECK(reply_in(second).out == "second");
    CHECK(first.wait_for(0s) == std::future_status::timeout);
    first_may_end.set_value();
    CHECK(reply_in(first).out == "first");
    desk.close();
}

TEST_CASE("commands that still wait when the agent ends are told that they were not begun")
{
    auto desk = open_desk{};
    auto first = desk.hand_over("first");
    auto second = desk.hand_over("second");
    desk.close();
    for (auto* const said : {&first, &second}) {
        const auto reply = reply_in(*said);
        CHECK(reply.status == static_cast<int>(exit_code::busy));
        CHECK(reply.err == "error: the agent is stopping or reading its configuration anew; try again\n");
    }
}
