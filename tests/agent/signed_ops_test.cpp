// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/inbox_interpreter.hpp"
#include "io/files/descriptor.hpp"
#include "operate/signing.hpp"
#include "operate/simulated/signed_node.hpp"
#include "support/catch.hpp"
#include "support/simulated_agent.hpp"
#include "support/unprivileged.hpp"

#include <felhom/authz/operation/bundle.hpp>
#include <felhom/operate/procedures/submit.hpp>
#include <felhom/operate/procedures/take_in.hpp>
#include <felhom/operate/procedures/take_up.hpp>

#include <boost/json/serialize.hpp>
#include <fcntl.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace felhom;
using namespace felhom::testing;
using namespace std::chrono_literals;
using operate::signed_state;

namespace {

/// An agent with a drop box, at a node where guest 204 runs and may be stopped by whoever signs for it.
class intake_world {
public:
    intake_world()
    {
        agent_.around = {.now = {}, .signers = listed_signers()};
        in_ = agent_.start();
    }

    [[nodiscard]] auto agent() -> simulated_agent& { return agent_; }
    [[nodiscard]] auto box() -> io::drop_box& { return box_; }
    [[nodiscard]] auto path(const std::string& below) const -> std::string { return path_ + below; }

    /// What a person meant, valid for a quarter of an hour.
    [[nodiscard]] auto a_stop() const -> operation_builder
    {
        const auto now = in_.in.now();
        auto op = operation_builder{"guest.stop", 204};
        op.valid(now - 1min, now + 14min);
        return op;
    }

    /// Puts a signed operation into the box.
    void drop(const std::string& name, const operate::signature_set& submitted) const
    {
        const auto text = authz::write_bundle({.blob = submitted.blob, .armor = submitted.armors.front()});
        REQUIRE(text.has_value());
        drop_text(name, *text);
    }
    void drop_text(const std::string& name, const std::string& text) const
    {
        std::ofstream{path_ + "/" + name} << text;
    }

    auto take_in() -> operate::intake_report { return take_in(in_); }
    auto take_in(const agent::operation_io& in, const std::optional<sha256_digest>& only = std::nullopt)
        -> operate::intake_report
    {
        auto report = agent::run(operate::take_in(only, rules), agent::inbox_interpreter{in, box_});
        REQUIRE(report.has_value());
        return *std::move(report);
    }
    /// Takes in where just one answer is to come of it, and no trouble.
    auto answer() -> operate::signed_result
    {
        auto report = take_in();
        CHECK(report.troubles.empty());
        REQUIRE(report.answers.size() == 1);
        return report.answers.front();
    }

    /// Ends the agent and begins another.
    void restart()
    {
        agent_.stop();
        in_ = agent_.start();
    }

    [[nodiscard]] auto world() const -> const agent::operation_io& { return in_; }

    /// The names of what is taken and has no result yet.
    [[nodiscard]] auto still_taken() const -> std::vector<std::string>
    {
        auto all = std::vector<std::string>{};
        for (const auto& entry : std::filesystem::directory_iterator{path_ + "/taken"}) {
            all.push_back(entry.path().filename().string());
        }
        std::sort(all.begin(), all.end());
        return all;
    }
    [[nodiscard]] auto stored() const -> std::vector<std::string> { return box_.results().value(); }
    [[nodiscard]] auto stops() -> int { return agent_.node().effects_of(204, "stop"); }

    operate::operating_rules rules{.at = {.node = *node_name::parse("pve1"), .facts = {}, .patience = {}},
                                   .user = sim::demo_tokens::agent,
                                   .gate = {.here = this_host}};

private:
    scratch around_;
    std::string path_ = around_.path() + "/box";
    io::drop_box box_ = io::drop_box::open(path_).value();
    simulated_agent agent_{node_for_signed_operations()};
    agent::operation_io in_;
};

auto result_file_of(const operate::signature_set& submitted) -> std::string
{
    return operate::result_name(*sha256(submitted.blob));
}

using file_names = std::vector<std::string>;

/// Holds a file so that opening it without waiting fails for now, with EWOULDBLOCK (fcntl(2), F_SETLEASE): as any other
/// cause that passes, the system names it with an errno and gives the file up later.
class lease {
public:
    explicit lease(const std::string& path) : file_{::open(path.c_str(), O_RDWR | O_CLOEXEC)}
    {
        ::signal(SIGIO, SIG_IGN);
        REQUIRE(file_.is_open());
        REQUIRE(::fcntl(file_.number(), F_SETLEASE, F_WRLCK) == 0);
    }

private:
    io::file_descriptor file_;
};

} // namespace

TEST_CASE("what an operator signed is carried out, its result stored under its hash, and its file let go")
{
    auto here = intake_world{};
    const auto submitted = here.a_stop().signed_by(operator_key);
    here.drop("a.bundle", submitted);
    CHECK(here.answer().state == signed_state::succeeded);
    CHECK(here.stops() == 1);
    CHECK(here.stored() == file_names{result_file_of(submitted)});
    CHECK(here.still_taken().empty());
}

TEST_CASE("a file that is no bundle is refused under its own hash and let go, and the others are carried out")
{
    auto here = intake_world{};
    here.drop_text("a.bundle", "no bundle");
    here.drop("b.bundle", here.a_stop().signed_by(operator_key));
    const auto report = here.take_in();
    REQUIRE(report.answers.size() == 2);
    CHECK(report.answers[0].state == signed_state::refused);
    CHECK(report.answers[0].code == "malformed");
    CHECK(report.answers[0].blob == sha256("no bundle"));
    CHECK(report.answers[1].state == signed_state::succeeded);
    CHECK(here.stored().size() == 2);
    CHECK(here.still_taken().empty());
}

TEST_CASE("a signature that is nobody's is refused, and not in the operation's name")
{
    auto here = intake_world{};
    const auto submitted = here.a_stop().signed_by(stranger_key);
    here.drop("a.bundle", submitted);
    const auto refused = here.answer();
    CHECK(refused.state == signed_state::refused);
    CHECK(refused.code == "unknown_signer");
    CHECK(here.stored() == file_names{operate::unproven_result_name(refused.blob)});
    CHECK(refused.blob != *sha256(submitted.blob));
    CHECK(here.still_taken().empty());
}

TEST_CASE("of what nobody signed the newest results are kept, beside all that somebody signed")
{
    auto here = intake_world{};
    const auto signed_stop = here.a_stop().signed_by(operator_key);
    here.drop("a.bundle", signed_stop);
    CHECK(here.take_in().answers.size() == 1);
    for (auto at = std::size_t{0}; at < operate::most_unproven + 2; ++at) {
        here.drop_text(std::to_string(at) + ".bundle", "no bundle " + std::to_string(at));
    }
    CHECK(here.take_in().answers.size() == operate::most_unproven + 2);
    CHECK(here.stored().size() == operate::most_unproven + 1);
    CHECK(here.stored().front() == result_file_of(signed_stop)); // hex digits sort before "unproven"
    CHECK(here.still_taken().empty());

    here.drop_text("new.bundle", "the newest");
    CHECK(here.take_in().answers.size() == 1);
    CHECK(here.stored().size() == operate::most_unproven + 1);
    CHECK(here.box().stored_result(operate::unproven_result_name(*sha256("the newest"))).has_value());
}

TEST_CASE("where a quorum is asked for, the first signature waits, and the second brings both to their result")
{
    auto here = intake_world{};
    here.rules.gate.quorums["guest.stop"] = {.in_all = 2};
    here.drop("a.bundle", here.a_stop().signed_by(operator_key));
    const auto first = here.answer();
    CHECK(first.state == signed_state::waiting);
    CHECK(first.code == "quorum");
    CHECK(here.still_taken() == file_names{"a.bundle"});
    CHECK(here.stored().empty());
    CHECK(here.stops() == 0);
    here.drop("b.bundle", here.a_stop().signed_by(second_operator_key));
    CHECK(here.answer().state == signed_state::succeeded);
    CHECK(here.stops() == 1);
    CHECK(here.stored().size() == 1);
    CHECK(here.still_taken().empty());
}

TEST_CASE("what something passing keeps waits without a result, and is carried out once that has passed")
{
    auto here = intake_world{};
    here.agent().around.paused = "holidays";
    here.drop("a.bundle", here.a_stop().signed_by(operator_key));
    for (auto times = 0; times < 2; ++times) {
        const auto waiting = here.answer();
        CHECK(waiting.state == signed_state::waiting);
        CHECK(waiting.code == "paused");
    }
    CHECK(here.still_taken() == file_names{"a.bundle"});
    CHECK(here.stored().empty());
    here.agent().around.paused.reset();
    CHECK(here.answer().state == signed_state::succeeded);
    CHECK(here.still_taken().empty());
}

TEST_CASE("what still waits when its time is over is refused, and let go")
{
    auto here = intake_world{};
    here.agent().around.paused = "holidays";
    const auto submitted = here.a_stop().signed_by(operator_key);
    here.drop("a.bundle", submitted);
    CHECK(here.answer().state == signed_state::waiting);
    here.agent().outside().sleep_until(here.agent().outside().now() + 1h);
    const auto expired = here.answer();
    CHECK(expired.state == signed_state::refused);
    CHECK(expired.code == "expired");
    CHECK(expired.blob == *sha256(submitted.blob));
    CHECK(here.stored() == file_names{operate::unproven_result_name(expired.blob)});
    CHECK(here.still_taken().empty());
    CHECK(here.stops() == 0);
}

TEST_CASE("what a clock that ran ahead let expire is carried out when it is brought again and the clock is right")
{
    auto here = intake_world{};
    const auto submitted = here.a_stop().signed_by(operator_key);
    here.agent().outside().step_clock(1h);
    here.drop("a.bundle", submitted);
    CHECK(here.answer().code == "expired");
    here.agent().outside().step_clock(-1h);
    here.drop("again.bundle", submitted);
    CHECK(here.answer().state == signed_state::succeeded);
    CHECK(here.stops() == 1);
}

TEST_CASE("what an earlier release refused because its time was over is judged anew")
{
    auto here = intake_world{};
    const auto submitted = here.a_stop().signed_by(operator_key);
    auto kept = operate::signed_result{.blob = *sha256(submitted.blob),
                                       .state = signed_state::refused,
                                       .at = here.world().in.now(),
                                       .code = "expired",
                                       .detail = "its time was over"};
    REQUIRE(here.box().write_result(result_file_of(submitted), boost::json::serialize(to_json(kept))).has_value());
    here.drop("a.bundle", submitted);
    CHECK(here.answer().state == signed_state::succeeded);
}

TEST_CASE("a signer who may not sign an operation cannot have it refused for the one who may")
{
    auto here = intake_world{};
    here.agent().around.signers = std::make_shared<const authz::signers>(*authz::signers::load({
        {.authorized_key = operator_key.line(),
         .tag = authz::signer_tag::operational,
         .key_id = "op-1",
         .operations = std::vector<std::string>{"guest.start"}},
        {.authorized_key = second_operator_key.line(), .tag = authz::signer_tag::operational, .key_id = "op-2"},
    }));
    const auto op = here.a_stop();
    here.drop("a.bundle", op.signed_by(operator_key));
    CHECK(here.answer().code == "unknown_signer");
    CHECK(here.stops() == 0);
    here.drop("b.bundle", op.signed_by(second_operator_key));
    CHECK(here.answer().state == signed_state::succeeded);
    CHECK(here.stops() == 1);
}

TEST_CASE("an operation whose claim could not be written waits, and is carried out once the journal can be written")
{
    auto here = intake_world{};
    here.drop("a.bundle", here.a_stop().signed_by(operator_key));
    here.agent().disk().plan(0, tests::fault::no_space);
    for (auto times = 0; times < 2; ++times) {
        const auto waiting = here.answer();
        CHECK(waiting.state == signed_state::waiting);
        CHECK(waiting.code == "replay.store");
    }
    CHECK(here.still_taken() == file_names{"a.bundle"});
    CHECK(here.stops() == 0);
    here.restart();
    CHECK(here.answer().state == signed_state::succeeded);
    CHECK(here.stops() == 1);
}

TEST_CASE("what was refused for good is answered with the first result when it is brought again, and nobody is asked")
{
    auto here = intake_world{};
    const auto submitted = operation_builder{here.a_stop()}.on_host("host-b").signed_by(operator_key);
    here.drop("a.bundle", submitted);
    const auto first = here.answer();
    CHECK(first.code == "target");
    here.agent().outside().sleep_until(here.agent().outside().now() + 1h); // by now it has expired, too
    const auto asked = here.agent().node().requests.size();
    here.drop("again.bundle", submitted);
    CHECK(here.answer() == first);
    CHECK(here.agent().node().requests.size() == asked);
    CHECK(here.still_taken().empty());
    CHECK(here.stored().size() == 1);
}

TEST_CASE("what was carried out and has lost its result is answered out of the journal, and not done again")
{
    auto here = intake_world{};
    const auto submitted = here.a_stop().signed_by(operator_key);
    here.drop("a.bundle", submitted);
    const auto first = here.answer();
    std::filesystem::remove(here.path("/results/" + result_file_of(submitted)));
    here.drop("again.bundle", submitted);
    const auto second = here.answer();
    CHECK(second.state == signed_state::succeeded);
    CHECK(second.operation == first.operation);
    CHECK(here.stops() == 1);
    CHECK(here.stored() == file_names{result_file_of(submitted)});
}

TEST_CASE("a result that cannot be written keeps its bundle, which the next run answers without doing it again")
{
    auto here = intake_world{};
    const auto submitted = here.a_stop().signed_by(operator_key);
    // A directory where the draft of the result would stand: root is kept from writing by nothing less.
    const auto in_the_way = here.path("/results/." + result_file_of(submitted) + ".new");
    std::filesystem::create_directory(in_the_way);
    here.drop("a.bundle", submitted);
    const auto report = here.take_in();
    CHECK(report.answers.empty());
    CHECK(report.troubles.size() == 1);
    CHECK(here.still_taken() == file_names{"a.bundle"});
    std::filesystem::remove(in_the_way);
    CHECK(here.answer().state == signed_state::succeeded);
    CHECK(here.stops() == 1);
    CHECK(here.still_taken().empty());
}

TEST_CASE("what is no file is its owner's again, and is told, and keeps nobody else waiting")
{
    auto here = intake_world{};
    std::filesystem::create_symlink("/etc/hostname", here.path("/a.bundle"));
    here.drop("b.bundle", here.a_stop().signed_by(operator_key));
    const auto report = here.take_in();
    REQUIRE(report.troubles.size() == 1);
    CHECK(report.troubles.front().find("symbolic link") != std::string::npos);
    CHECK(report.troubles.front().ends_with("; it was put back as a.bundle.refused"));
    CHECK(std::filesystem::is_symlink(here.path("/a.bundle.refused")));
    CHECK(report.answers.size() == 1);
    CHECK(here.still_taken().empty());
}

TEST_CASE("a bundle that cannot be read for a moment is kept, is told, and is carried out later")
{
    auto here = intake_world{};
    here.drop("a.bundle", here.a_stop().signed_by(operator_key));
    {
        const auto held = lease{here.path("/a.bundle")};
        for (auto times = 0; times < 2; ++times) {
            const auto report = here.take_in();
            CHECK(report.answers.empty());
            REQUIRE(report.troubles.size() == 1);
            CHECK(report.troubles.front().ends_with("; it is kept, and tried again"));
            CHECK(here.still_taken() == file_names{"a.bundle"});
        }
    }
    CHECK(here.answer().state == signed_state::succeeded);
    CHECK(here.stops() == 1);
}

TEST_CASE("while it cannot be read whether there is a result, a first refusal is not judged anew")
{
    auto here = intake_world{};
    here.rules.gate.here = *host_id::parse("host-b");
    const auto submitted = here.a_stop().signed_by(operator_key);
    here.drop("a.bundle", submitted);
    const auto first = here.answer();
    REQUIRE(first.code == "target");
    here.rules.gate.here = this_host; // now it would be let through
    here.drop("again.bundle", submitted);
    {
        const auto held = lease{here.path("/results/" + result_file_of(submitted))};
        const auto report = here.take_in();
        CHECK(report.answers.empty());
        REQUIRE(report.troubles.size() == 1);
        CHECK(report.troubles.front().ends_with("; it is kept, and tried again"));
        CHECK(here.still_taken() == file_names{"again.bundle"});
    }
    CHECK(here.answer() == first);
    CHECK(here.stops() == 0);
}

TEST_CASE("a bundle that is longer than any may be is refused in a result, by its own hash")
{
    auto here = intake_world{};
    const auto text = std::string(authz::longest_bundle + 1, ' ');
    here.drop_text("a.bundle", text);
    const auto refused = here.answer();
    CHECK(refused.state == signed_state::refused);
    CHECK(refused.code == "malformed");
    CHECK(refused.blob == sha256(text));
    CHECK(here.stored() == file_names{operate::unproven_result_name(refused.blob)});
    CHECK(here.still_taken().empty());
}

TEST_CASE("what is longer than anything that a hub sends is its owner's again, and is told")
{
    auto here = intake_world{};
    here.drop_text("a.bundle", "");
    std::filesystem::resize_file(here.path("/a.bundle"), io::drop_box::largest_file + 1);
    const auto report = here.take_in();
    CHECK(report.answers.empty());
    REQUIRE(report.troubles.size() == 1);
    CHECK(report.troubles.front().ends_with("; it was put back as a.bundle.refused"));
    CHECK(std::filesystem::file_size(here.path("/a.bundle.refused")) == io::drop_box::largest_file + 1);
}

TEST_CASE("the same operation with other signatures is another job, which never has the end of the first")
{
    auto here = intake_world{};
    auto names = std::vector<std::string>{};
    auto busy = here.world();
    busy.in_lanes = [&](std::vector<operate::lane_job> jobs) {
        for (const auto& job : jobs) {
            names.push_back(job.name);
        }
        return std::vector<operate::lane_end>(jobs.size());
    };
    const auto op = here.a_stop();
    const auto bring = [&](const operate::signature_set& submitted) {
        static_cast<void>(agent::run(busy, operate::submit({submitted}, here.rules)));
    };
    const auto once = op.signed_by(operator_key);
    bring(once);
    bring(once);
    bring({.blob = once.blob, .armors = {"forged"}});
    REQUIRE(names.size() == 3);
    CHECK_FALSE(names[0].empty());
    CHECK(names[0] == names[1]);
    CHECK(names[0] != names[2]);
}

TEST_CASE("whoever brings one operation waits for none of the others in the box")
{
    auto here = intake_world{};
    const auto wanted = here.a_stop().signed_by(operator_key);
    here.drop("a.bundle", here.a_stop().with_nonce(std::string(32, '9')).signed_by(operator_key));
    here.drop("b.bundle", wanted);
    const auto report = here.take_in(here.world(), sha256(wanted.blob).value());
    REQUIRE(report.answers.size() == 1);
    CHECK(report.answers.front().blob == sha256(wanted.blob));
    CHECK(here.still_taken() == file_names{"a.bundle"});
}

TEST_CASE("an agent that is stopping answers nothing, and everything stays for the next one")
{
    auto here = intake_world{};
    auto stopping = here.world();
    stopping.in_lanes = [](std::vector<operate::lane_job> jobs) { return std::vector<operate::lane_end>(jobs.size()); };
    here.drop("a.bundle", here.a_stop().signed_by(operator_key));
    CHECK(here.take_in(stopping).answers.empty());
    CHECK(here.still_taken() == file_names{"a.bundle"});
    CHECK(here.stored().empty());
    CHECK(here.answer().state == signed_state::succeeded);
}

TEST_CASE("an operation whose task takes longer than it is waited for is followed, and its result comes with its end")
{
    auto here = intake_world{};
    here.agent().node().settings.takes.stop = 40min;
    const auto submitted = here.a_stop().signed_by(operator_key);
    here.drop("a.bundle", submitted);
    const auto running = here.answer();
    CHECK(running.state == signed_state::running);
    CHECK(running.detail.starts_with("still running as UPID:pve1:"));
    CHECK(exit_code_of(running) == exit_code::unknown);
    CHECK(here.still_taken().size() == 1);
    CHECK(here.stored().empty());

    // Looked at again while it runs, it is what it was.
    const auto before = here.world().ledger();
    static_cast<void>(agent::run(here.world(), operate::take_up(here.rules)));
    CHECK(here.world().ledger() == before);
    CHECK(here.answer().state == signed_state::running);

    here.agent().outside().sleep_for(1h);
    static_cast<void>(agent::run(here.world(), operate::take_up(here.rules)));
    CHECK(here.answer().state == signed_state::succeeded);
    CHECK(here.stored() == file_names{result_file_of(submitted)});
    CHECK(here.still_taken().empty());
    CHECK(here.stops() == 1);
}

TEST_CASE("while the task of one operation runs on, another on its guest waits, and is told for what")
{
    auto here = intake_world{};
    here.agent().node().settings.takes.stop = 40min;
    here.drop("a.bundle", here.a_stop().signed_by(operator_key));
    CHECK(here.answer().state == signed_state::running);
    here.drop("b.bundle", here.a_stop().signed_by(operator_key)); // signed later, so another one
    auto report = here.take_in();
    REQUIRE(report.answers.size() == 2);
    std::ranges::sort(report.answers, {}, &operate::signed_result::code);
    CHECK(report.answers[0].code == "in_flight");
    CHECK(report.answers[0].state == signed_state::waiting);
    CHECK(report.answers[0].detail.starts_with("operation 1 on this guest is still running as UPID:pve1:"));
    CHECK(here.agent().node().effects_of(204, "stop") == 0);
    CHECK(report.answers[1].state == signed_state::running);
}
