// SPDX-License-Identifier: Apache-2.0
#include "agent/program/program.hpp"
#include "operate/signing.hpp"
#include "support/catch.hpp"

#include <felhom/authz/operation/bundle.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

using namespace felhom;
using namespace felhom::testing;
using namespace std::chrono_literals;

namespace {

auto number_in(const char* variable, unsigned long long otherwise) -> unsigned long long
{
    const auto* const text = std::getenv(variable);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

auto kills() -> unsigned long long
{
    const auto usual = std::strtoull(FELHOM_AGENT_KILLS, nullptr, 10);
    return number_in("FELHOM_AGENT_KILLS", std::getenv("FELHOM_SOAK") == nullptr ? usual : 10 * usual);
}

auto now() -> instant
{
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

/// A node, an agent that enforces what is desired of it, and an operator who signs.
class node_context {
public:
    node_context()
    {
        auto& settings = agent_.settings;
        settings["FELHOM_AGENT_RECONCILE_MODE"] = "enforce";
        settings["FELHOM_AGENT_RECONCILE_RESTARTS_PER_DAY"] = "1000";
        settings["FELHOM_AGENT_RECONCILE_SETTLE_SECONDS"] = "1";
        settings["FELHOM_AGENT_LOG_LEVEL"] = "error";
        settings["FELHOM_AGENT_HUB_HOST_ID"] = this_host.text();
        settings["FELHOM_AGENT_AUTHZ_SIGNERS"] = boost::json::serialize(boost::json::array{
            boost::json::object{{"authorized_key", operator_key.line()}, {"tag", "operational"}, {"key_id", "op-1"}}});
        agent_.server.with_node([](sim::node& node) {
            node.settings.takes.shutdown = 200ms;
            node.settings.takes.destroy = 200ms;
        });
    }

    /// The next generation: another size of 102, another state of 103. Every fifth, an operator signs a destruction.
    void want_something_else(unsigned long long round)
    {
        const auto odd = round % 2 == 1;
        agent_.settings["FELHOM_AGENT_DESIRED_SOURCE"] = "file";
        agent_.settings["FELHOM_AGENT_DESIRED_PATH"] = agent_.files.write(
            "desired.json", R"({"version":1,"generation":)" + std::to_string(round + 1)
                                + R"(,"guests":[{"vmid":102,"spec":{"memory":)" + std::to_string(512 + 16 * round)
                                + R"(}},{"vmid":103,"run_state":")" + (odd ? "running" : "stopped") + "\"}]}");
        ++generations_;
        if (round % 5 == 0) {
            sign_destruction(static_cast<std::uint32_t>(1000 + round));
        }
    }

    void work_until_killed(std::chrono::milliseconds after)
    {
        const auto pid = start_work();
        std::this_thread::sleep_for(after);
        ::kill(pid, SIGKILL);
        was_killed_ += WIFSIGNALED(end_of(pid)) ? 1 : 0;
    }

    /// Works on a disk that is full beyond so many bytes of a file.
    void work_on_full_disk(::rlim_t bytes)
    {
        auto limit = ::rlimit{};
        REQUIRE(::getrlimit(RLIMIT_FSIZE, &limit) == 0);
        limit.rlim_cur = bytes;
        REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0); // the child inherits it
        const auto pid = start_work();
        limit.rlim_cur = limit.rlim_max;
        REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
        const auto status = end_of(pid);
        REQUIRE(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) != 78);
        failed_ += WEXITSTATUS(status) == 1 ? 1 : 0;
    }

    /// The bytes of the journal that records fill.
    [[nodiscard]] auto journal_bytes() const -> std::size_t
    {
        const auto journal = agent_.files.read("state/journal.log");
        const auto last = journal.find_last_not_of('\0');
        return last == std::string::npos ? 0 : last + 1;
    }

private:
    [[nodiscard]] static auto end_of(::pid_t pid) -> int
    {
        auto status = 0;
        REQUIRE(::waitpid(pid, &status, 0) == pid);
        return status;
    }

    [[nodiscard]] auto start_work() const -> ::pid_t
    {
        auto environment = std::vector<std::string>{};
        for (const auto& [name, value] : agent_.settings) {
            environment.push_back(name + "=" + value);
        }
        auto words = std::vector<std::string>{FELHOM_AGENT, "run", "--once"};
        const auto pointers_to = [](std::vector<std::string>& texts) {
            auto pointers = std::vector<char*>{};
            for (auto& text : texts) {
                pointers.push_back(text.data());
            }
            pointers.push_back(nullptr);
            return pointers;
        };
        auto actions = ::posix_spawn_file_actions_t{};
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
        ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
        auto pid = ::pid_t{};
        REQUIRE(::posix_spawn(&pid, FELHOM_AGENT, &actions, nullptr, pointers_to(words).data(),
                              pointers_to(environment).data())
                == 0);
        ::posix_spawn_file_actions_destroy(&actions);
        return pid;
    }

public:
    /// Runs it in peace until a whole run has nothing to do.
    void work_in_peace()
    {
        for (auto tries = 0; tries < 20; ++tries) {
            if (agent_.run("run --once").status == 0 && agent_.run("plan").status == 0) {
                return;
            }
            std::this_thread::sleep_for(200ms);
        }
        const auto last = agent_.run("run --once");
        FAIL("the agent does not come to rest: " << last.out << last.err << agent_.run("ops list").out);
    }

    void check_nothing_is_lost_or_repeated()
    {
        const auto ops = boost::json::parse(agent_.run("--json ops list").out);
        CHECK(agent_.run("journal verify").status == 0);
        agent_.server.with_node([&](sim::node& node) {
            // Each generation asks for one change of each; a change that a kill prevented is not made at all.
            CHECK(node.effects_of(102, "config") <= generations_);
            for (const auto& [change, times] : changes_of_102(node)) {
                INFO(change);
                CHECK(times == 1);
            }
            CHECK(node.effects_of(103, "start") + node.effects_of(103, "shutdown") <= generations_);
        });
        succeeded_ = 0;
        for (const auto& [guest, result] : signed_) {
            INFO("guest " << guest << ": " << agent_.files.read(result));
            const auto state = boost::json::parse(agent_.files.read(result)).at("state").as_string();
            const auto destroyed = times_destroyed(guest);
            succeeded_ += state == "succeeded" ? 1U : 0U;
            if (state == "succeeded") {
                CHECK(destroyed == 1);
            } else if (state == "unknown") { // killed between the record and the call, or before the answer
                CHECK(destroyed <= 1);
            } else if (state == "failed") { // killed before the call came to the node, which has no task of it
                CHECK(destroyed == 0);
            } else { // a record that a kill cut in two raises the horizon: what expires before it is to be signed anew
                CHECK(state == "refused");
                CHECK(destroyed == 0);
            }
        }
        for (const auto& one : ops.at("operations").as_array()) {
            CHECK(one.at("state").as_string() != "begun");
            CHECK(one.at("state").as_string() != "task running");
        }
    }

    [[nodiscard]] auto was_killed() const -> int { return was_killed_; }
    [[nodiscard]] auto failed() const -> int { return failed_; }
    [[nodiscard]] auto succeeded_count() const -> std::size_t { return succeeded_; }
    [[nodiscard]] auto signed_count() const -> std::size_t { return signed_.size(); }

private:
    [[nodiscard]] auto times_destroyed(std::uint32_t guest) -> int
    {
        auto times = 0;
        agent_.server.with_node([&](sim::node& node) { times = node.effects_of(guest, "destroy"); });
        return times;
    }

    /// Each size that was asked of 102, and how often.
    [[nodiscard]] static auto changes_of_102(const sim::node& node) -> std::map<std::string, int>
    {
        auto all = std::map<std::string, int>{};
        for (const auto& request : node.requests) {
            const auto at = request.body.find("memory=");
            if (request.method == "PUT" && at != std::string::npos) {
                ++all[request.body.substr(at, request.body.find('&', at) - at)];
            }
        }
        return all;
    }

    void sign_destruction(std::uint32_t guest)
    {
        auto digest = std::string{};
        agent_.server.with_node([&](sim::node& node) {
            sim::add_guest(node, guest,
                           "arch: amd64\nmemory: 64\nostype: debian\nrootfs: local-zfs:subvol-" + std::to_string(guest)
                               + "-disk-0,size=1G\n");
            digest = sim::digest_of(node.guests.at(guest).config);
        });
        auto op = operation_builder{"guest.destroy", guest};
        op.seen_at(digest)
            .valid(now() - 1min, now() + 2h)
            .with_nonce("5555555555555555555555555555" + std::to_string(guest));
        const auto submitted = op.signed_by(operator_key);
        const auto text = authz::write_bundle({.blob = submitted.blob, .armor = submitted.armors.front()});
        const auto box = agent_.files.path() + "/state/signed-ops";
        const auto name = std::to_string(guest);
        std::filesystem::create_directories(box);
        for (const auto& path : {agent_.files.path() + "/state", box}) {
            std::filesystem::permissions(path, std::filesystem::perms::owner_all);
        }
        agent_.files.write("state/signed-ops/" + name + ".tmp", *text);
        std::filesystem::rename(box + "/" + name + ".tmp", box + "/" + name + ".bundle");
        signed_.emplace_back(guest, "state/signed-ops/results/" + to_hex(*sha256(submitted.blob)) + ".json");
    }

    program agent_;
    int generations_ = 0;
    int was_killed_ = 0;
    int failed_ = 0;
    std::size_t succeeded_ = 0;                                 ///< of what was signed
    std::vector<std::pair<std::uint32_t, std::string>> signed_; ///< guests, and where the result must stand
};

} // namespace

TEST_CASE("an agent that is killed at work, again and again, loses, repeats and invents nothing")
{
    auto place = node_context{};
    auto random = std::mt19937{static_cast<std::uint32_t>(number_in("FELHOM_SEED", 7))};
    // A run of one pass takes a few hundred milliseconds here; a kill falls anywhere in it.
    auto moment = std::uniform_int_distribution{1, 600};
    const auto rounds = kills();
    for (auto round = 0ULL; round < rounds; ++round) {
        if (round % 3 == 0) {
            place.want_something_else(round);
        }
        place.work_until_killed(std::chrono::milliseconds{moment(random)});
    }
    place.work_in_peace();
    place.check_nothing_is_lost_or_repeated();
    CHECK(2 * place.succeeded_count() >= place.signed_count());
    CHECK(place.signed_count() >= rounds / 20);
    WARN(place.was_killed() << " of " << rounds << " runs were killed before their end");
    CHECK(place.was_killed() >= static_cast<int>(rounds / 4));
}

TEST_CASE(
    "an agent whose disk is full at any moment loses, repeats and invents nothing, and goes on once there is room")
{
    auto place = node_context{};
    auto random = std::mt19937{static_cast<std::uint32_t>(number_in("FELHOM_SEED", 7))};
    const auto rounds = kills();
    for (auto round = 0ULL; round < rounds; ++round) {
        if (round % 3 == 0) {
            place.want_something_else(round);
        }
        // Anywhere in the records that are there or are about to come.
        const auto beyond = place.journal_bytes() + 2000;
        place.work_on_full_disk(std::uniform_int_distribution<::rlim_t>{beyond / 2, beyond}(random));
    }
    place.work_in_peace();
    place.check_nothing_is_lost_or_repeated();
    WARN(place.failed() << " of " << rounds << " runs met the end of the disk");
    CHECK(place.failed() >= static_cast<int>(rounds / 4));
}
