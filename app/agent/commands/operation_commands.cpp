// SPDX-License-Identifier: Apache-2.0
#include "agent/commands/operation_commands.hpp"

#include "agent/engine/inbox_interpreter.hpp"
#include "agent/setup/switch_files.hpp"
#include "io/files/private_file.hpp"

#include <felhom/core/contains.hpp>
#include <felhom/core/json/writer.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/hash_chain/chain_audit.hpp>
#include <felhom/hub/report/refusal_json.hpp>
#include <felhom/operate/procedures/apply.hpp>
#include <felhom/operate/procedures/selftest_leftovers.hpp>
#include <felhom/operate/procedures/take_in.hpp>
#include <felhom/present/ledger_text.hpp>
#include <felhom/present/pass_text.hpp>
#include <felhom/reconcile/exit_codes.hpp>

#include <boost/json/object.hpp>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <utility>
#include <variant>

namespace felhom::agent {

namespace {

void show(const operate::signed_result& result, const console& to)
{
    if (to.json) {
        to.out << json_text(to_json(result));
        return;
    }
    to.out << text_of(result.state) << (result.code.empty() ? "" : " (" + result.code + ")") << ": "
           << printable_lines(result.detail, "  ", 20, 1000) << "\n";
}

[[nodiscard]] auto fail(const io::log_error& error, const console& to) -> exit_code
{
    return agent::fail(io::describe(error), to, local_api::exit_code_of(lines_of(error).what()));
}

[[nodiscard]] auto with_ledger(const std::string& journal, const console& to, const auto& use) -> exit_code
{
    const auto known = io::read_ledger(io::system_disk(), journal);
    if (!known && std::holds_alternative<io::log_missing>(known.error())) {
        return use(operate::ledger{}); // this host never had a journal
    }
    return known ? use(*known) : fail(known.error(), to);
}

/// A record of the journal, which is JSON already, and its place.
[[nodiscard]] auto json_of(const hash_chain::record& one) -> std::string
{
    auto text = std::string{};
    auto out = json_writer{text};
    out.open();
    out.member<"seq">(one.seq);
    out.member<"hash">(to_hex(one.hash));
    out.name<"record">();
    out.raw(one.data);
    out.close();
    return text;
}

} // namespace

auto run_apply(const operation_io& in, const loaded_pass& asked, const operate::operating_rules& rules,
               const console& to, const std::function<void(const reconcile::inventory&)>& remember, pass_output tells)
    -> exit_code
{
    const auto show = [&](const operate::show_pass& shown) {
        const auto& [planned, split, results, complete, under_way] = shown.report;
        remember(planned.actual.inventory.guests());
        if (!to.json) {
            // Where nothing is left to do of what was shown, the plan that there is now says why.
            const auto was_shown = tells == pass_output::results && !planned.plan.actions().empty();
            to.out << (was_shown
                           ? present::to_text(split, results, to.format.style, planned.who)
                           : present::to_text(planned.plan, split, results, context_of(asked), to.format, planned.who));
        }
        if (shown.is_repeated) {
            to.err << "a guest was changed by somebody else meanwhile: planning anew\n";
        }
        return std::monostate{};
    };
    const auto applied = run(operate::apply(asked.input, rules), overloaded{effect_interpreter{in}, show});
    if (!applied) {
        return fail(present::describe(applied.error(), asked.input.token), to, present::exit_code_of(applied.error()));
    }
    const auto& [planned, split, results, complete, under_way] = applied->last;
    if (to.json) { // one document a run: the last plan, and what came of every action
        auto document = present::to_json(planned.plan, split, applied->all, planned.who);
        document["refused"] = hub::to_json(hub::reported(asked.refused));
        to.out << json_text(document);
    }
    if (!complete) {
        return fail("stopped before the end; the next run takes it up", to, exit_code::busy);
    }
    const auto of_pass = present::exit_code_of(planned.plan, split, applied->counted);
    return reconcile::gravest({of_pass, asked.refused.empty() ? exit_code::success : exit_code::refused});
}

auto run_submit(operating_session& session, const operation_io& in, const std::string& name, const std::string& text,
                const console& to) -> exit_code
{
    const auto bundle = authz::parse_bundle(text);
    const auto blob = sha256(bundle ? bundle->blob : text);
    if (!bundle || !blob) {
        return fail(name + ": " + (bundle ? std::string{"SHA-256 is not available"} : felhom::describe(bundle.error())),
                    to, exit_code::refused);
    }
    const auto armor = sha256(bundle->armor).value_or(sha256_digest{});
    if (const auto put = session.box().put(operate::bundle_name(*blob, armor), text); !put) {
        return fail(describe(put.error()), to);
    }
    const auto report = run(operate::take_in(blob, session.rules()), inbox_interpreter{in, session.box()});
    if (!report) {
        return fail(report.error().what, to);
    }
    for (const auto& trouble : report->troubles) {
        to.err << "warning: " << trouble << "\n";
    }
    const auto submitted = operate::signature_set{.blob = bundle->blob, .armors = {bundle->armor}};
    const auto alone = operate::key_without_authority(submitted, *blob);
    for (const auto& answer : report->answers) {
        if (answer.blob == *blob || answer.blob == alone) {
            show(answer, to);
            return exit_code_of(answer);
        }
    }
    return fail("the operation got no answer: the agent is stopping", to, exit_code::busy);
}

auto run_intake(operating_session& session, const operation_io& in, const console& to) -> exit_code
{
    const auto report = run(operate::take_in(std::nullopt, session.rules()), inbox_interpreter{in, session.box()});
    if (!report) {
        return fail(report.error().what, to);
    }
    for (const auto& trouble : report->troubles) {
        to.err << "warning: " << trouble << "\n";
    }
    auto codes = std::vector<exit_code>{};
    for (const auto& answer : report->answers) {
        to.err << "signed operation " << to_hex(answer.blob).substr(0, 16) << ": " << text_of(answer.state) << ", "
               << printable_lines(answer.detail, "  ", 20, 1000) << "\n";
        codes.push_back(exit_code_of(answer));
    }
    return reconcile::gravest(codes);
}

auto run_ops_list(const std::string& journal, const console& to) -> exit_code
{
    return with_ledger(journal, to, [&](const operate::ledger& known) {
        if (to.json) {
            to.out << json_text(present::to_json(known));
        } else {
            to.out << present::to_text(known, to.format.style);
        }
        return exit_code::success;
    });
}

auto run_ops_show(const std::string& journal, std::uint64_t id, const console& to) -> exit_code
{
    return with_ledger(journal, to, [&](const operate::ledger& known) {
        const auto* const state = known.find(operate::operation_id{id});
        if (state == nullptr) {
            return fail("no operation " + std::to_string(id) + " is remembered; `ops list` shows those that are", to);
        }
        if (to.json) {
            to.out << json_text(present::to_json(*state));
        } else {
            to.out << present::to_text(*state);
        }
        return exit_code::success;
    });
}

auto run_journal_list(const std::string& journal, std::size_t last, const console& to) -> exit_code
{
    auto lines = std::deque<std::string>{};
    const auto files = io::read_journal(io::system_disk(), journal, [&](const hash_chain::record& one) {
        lines.push_back(to.json ? json_of(one) : std::to_string(one.seq) + "  " + printable(one.data, 400));
        if (lines.size() > last) {
            lines.pop_front();
        }
    });
    if (!files) {
        return fail(files.error(), to);
    }
    for (const auto& line : lines) {
        to.out << line << "\n";
    }
    return exit_code::success;
}

auto run_journal_show(const std::string& journal, std::uint64_t seq, const console& to) -> exit_code
{
    auto found = std::optional<std::string>{};
    const auto files = io::read_journal(io::system_disk(), journal, [&](const hash_chain::record& one) {
        if (one.seq == seq) {
            auto out = json_writer{found.emplace()};
            out.open();
            out.member<"head">(hash_chain::to_text(one.at()));
            out.name<"record">();
            out.raw(one.data);
            out.close();
        }
    });
    if (!files) {
        return fail(files.error(), to);
    }
    if (!found) {
        return fail("no record " + std::to_string(seq) + " is kept", to);
    }
    to.out << *found << "\n";
    return exit_code::success;
}

auto run_journal_verify(const std::string& journal, const std::optional<hash_chain::head>& noted, const console& to)
    -> exit_code
{
    auto watch = hash_chain::head_watch{noted};
    const auto files =
        io::read_journal(io::system_disk(), journal, [&](const hash_chain::record& one) { watch.see(one); });
    if (!files) {
        return fail(io::describe(files.error()), to);
    }
    const auto report = hash_chain::audit(*files, watch);
    if (!report) {
        return fail(hash_chain::describe(report.error()), to, exit_code::refused);
    }
    if (to.json) {
        to.out << json_text(boost::json::object{{"schema", "felhom-journal-verify/1"},
                                                {"ok", true},
                                                {"files", report->files},
                                                {"records", report->records},
                                                {"head", hash_chain::to_text(report->ends)},
                                                {"compared", noted.has_value()},
                                                {"torn", report->torn.has_value()}});
        return exit_code::success;
    }
    to.out << "the hash chain is intact: " << report->records << " records in " << report->files
           << (report->files == 1 ? " file" : " files") << "\nhead " << hash_chain::to_text(report->ends) << "\n";
    if (report->torn) {
        to.out << "the last batch is incomplete: a crash leaves it so, or a write that is under way\n";
    }
    to.out << (noted
                   ? "the noted head stands in it: nothing before it was cut off or rewritten\n"
                   : "pass --head with a previously recorded head to detect truncation, or a journal that was put back "
                     "or written anew\n");
    return exit_code::success;
}

auto run_ops_ack(operating_session& session, operate::operation_id id, const std::string& by, const console& to)
    -> exit_code
{
    const auto known = session.journal().read();
    const auto* const state = known.find(id);
    const auto named = "operation " + std::to_string(number(id));
    if (state == nullptr) {
        return fail(named + " does not exist", to);
    }
    const auto is_left = contains(operate::selftest_leftovers::of(known), id, &operate::selftest_leftover::id);
    if (!state->is_open_question() && !is_left) {
        return fail(named + " is not waiting for acknowledgement", to);
    }
    const auto in = session.view();
    if (const auto noted = in.append(operate::operation_acknowledged{.id = id, .at = in.in.now(), .by = by}); !noted) {
        return fail(noted.error().reason, to);
    }
    to.err << named << " is acknowledged\n";
    return exit_code::success;
}

auto run_ops_release(operating_session& session, vmid guest, const std::string& by, const console& to) -> exit_code
{
    const auto known = session.journal().read();
    if (!known.parked().contains(guest) && known.failures(guest).times == 0) {
        return fail("guest " + guest.text() + " is not parked", to);
    }
    const auto in = session.view();
    if (const auto noted = in.append(operate::guest_released{.guest = guest, .at = in.in.now(), .by = by}); !noted) {
        return fail(noted.error().reason, to);
    }
    to.err << "guest " << guest.text() << " is released: the next pass tries it again\n";
    return exit_code::success;
}

auto run_pause(const std::string& state_directory, const operate::pause_note& note, const console& to) -> exit_code
{
    const auto path = state_paths::in(state_directory).paused;
    if (const auto earlier = read_pause(path); earlier && note.reason.empty()) {
        to.err << "paused already: " << printable(*earlier, 500) << "\n"; // its reason is not lost to a second one
        return exit_code::success;
    }
    const auto made = io::ensure_private_directory(state_directory, file_kind::secret).and_then([&] {
        return io::write_private_file_atomically(path, text_of(note) + "\n");
    });
    if (!made) {
        return fail(describe(made.error()), to, local_api::exit_code_of(lines_of(made.error()).what()));
    }
    to.err << "paused: no change is begun until `felhom-agent resume`; tasks that run are waited for\n";
    return exit_code::success;
}

auto run_resume(const std::string& state_directory, const console& to) -> exit_code
{
    const auto path = state_paths::in(state_directory).paused;
    const auto was_paused = ::unlink(path.c_str()) == 0;
    if (!was_paused && errno != ENOENT) {
        return fail(path + ": " + std::strerror(errno), to);
    }
    to.err << (was_paused ? "resumed\n" : "not paused\n");
    return exit_code::success;
}

auto run_clock_is_right(const std::string& state_directory, const console& to) -> exit_code
{
    const auto path = state_paths::in(state_directory).clock_stepped;
    if (::unlink(path.c_str()) != 0) {
        return errno == ENOENT ? fail("the clock was not doubted", to) : fail(path + ": " + std::strerror(errno), to);
    }
    to.err << "what expires by this clock is forgotten again from the next pass on\n";
    return exit_code::success;
}

} // namespace felhom::agent
