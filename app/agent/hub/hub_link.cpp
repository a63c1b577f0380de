#include "agent/hub/hub_link.hpp"

#include "agent/engine/trim_memory.hpp"

#include <felhom/core/overloaded.hpp>
#include <felhom/core/sha256.hpp>
#include <felhom/hub/desired_offer.hpp>
#include <felhom/hub/host_report_json.hpp>
#include <felhom/hub/hub_answer.hpp>
#include <felhom/operate/inbox.hpp>
#include <felhom/operate/signed_result.hpp>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::agent {

namespace {

[[nodiscard]] auto uptime_now() -> hub::uptime
{
    return std::chrono::duration_cast<hub::uptime>(std::chrono::steady_clock::now().time_since_epoch());
}

/// What the hub sent, or what we have where it says that this is still the one.
[[nodiscard]] auto document_in(const hub::desired_answer& answer, const std::optional<hub::desired_document>& kept)
    -> const hub::desired_document*
{
    const auto* const sent = std::get_if<hub::desired_document>(&answer);
    return sent != nullptr || !kept.has_value() ? sent : &*kept;
}

/// The last envelope that was kept. One that cannot be read blocks, and so does one that could not be kept.
[[nodiscard]] auto in_force_at_start(const hub_files& files, const status_board& board) -> hub::control_envelope
{
    const auto kept = files.envelope();
    const auto last = kept ? *kept : std::optional<hub::kept_envelope>{};
    auto envelope = last ? last->envelope : hub::control_envelope{};
    envelope.blocked = envelope.blocked || !kept || board.is_blocked();
    return envelope;
}

} // namespace

hub_link::hub_link(hub_duties duties, hub::report_buffer kept)
    : duties_{std::move(duties)}, loop_{duties_.policy, std::move(kept)},
      in_force_{in_force_at_start(duties_.files, *duties_.board)}, thread_{[this] { run(); }}
{
}

hub_link::~hub_link()
{
    stop();
}

/// A call under way is broken off: a hub that hangs is not waited for.
void hub_link::stop()
{
    static constexpr auto between_attempts = std::chrono::milliseconds{50};
    {
        auto hold = std::unique_lock{mutex_};
        stopping_ = true;
        changed_.notify_all();
        // Again and again, since the thread may be about to begin one.
        while (!changed_.wait_for(hold, between_attempts, [this] { return ended_; })) {
            hold.unlock();
            duties_.break_off();
            hold.lock();
        }
    }
    if (thread_.joinable()) {
        thread_.join();
    }
}

auto hub_link::leave() -> std::pair<hub_duties, hub::report_buffer>
{
    stop();
    return {std::move(duties_), std::move(loop_).leave()};
}

void hub_link::trigger()
{
    {
        const auto hold = std::lock_guard{mutex_};
        triggered_ = true;
    }
    changed_.notify_all();
}

void hub_link::ask(bool to_send, report_asker asker)
{
    {
        const auto hold = std::lock_guard{mutex_};
        (to_send ? to_send_ : to_show_).push_back(std::move(asker));
    }
    changed_.notify_all();
}

auto hub_link::is_stopping() const -> bool
{
    const auto hold = std::lock_guard{mutex_};
    return stopping_;
}

void hub_link::wait_until(const std::optional<hub::uptime>& time)
{
    trim_memory();
    const auto something = [this] { return stopping_ || triggered_ || !to_show_.empty() || !to_send_.empty(); };
    auto hold = std::unique_lock{mutex_};
    if (time) {
        changed_.wait_until(hold, std::chrono::steady_clock::time_point{*time}, something);
    } else {
        changed_.wait(hold, something);
    }
    if (std::exchange(triggered_, false)) {
        loop_.trigger(uptime_now());
    }
}

void hub_link::run()
{
    while (!is_stopping()) {
        serve_askers();
        auto due = loop_.next(uptime_now());
        std::visit(overloaded{
                       [&](const hub::collect_report&) { make_report(); },
                       [&](hub::send_report& report) { send(std::move(report.report)); },
                       [&](const hub::wait_until& event) { wait_until(event.time); },
                   },
                   due);
    }
    {
        const auto hold = std::lock_guard{mutex_};
        std::ranges::move(to_show_, std::back_inserter(askers_));
        std::ranges::move(to_send_, std::back_inserter(askers_));
    }
    tell_askers({.failure = "the agent is stopping or reading its configuration anew; try again"});
    {
        const auto hold = std::lock_guard{mutex_};
        ended_ = true;
    }
    changed_.notify_all();
}

void hub_link::make_report()
{
    const auto report = duties_.collect();
    if (!report) {
        duties_.log.warning("report failed", {{"reason", describe(report.error())}});
    }
    loop_.collected(uptime_now(), duties_.now(), report ? std::optional{hub::open_report::of(*report)} : std::nullopt,
                    duties_.chance());
    if (!report) {
        tell_askers({.failure = describe(report.error())});
    } else if (loop_.buffer().empty()) {
        tell_askers({.failure = "the report is too large to be sent"});
    }
}

/// Who only wants to see a report gets one at once; for the others the next one that is sent is the newest.
void hub_link::serve_askers()
{
    auto to_show = std::vector<report_asker>{};
    auto to_send = std::vector<report_asker>{};
    {
        const auto hold = std::lock_guard{mutex_};
        to_show.swap(to_show_);
        to_send.swap(to_send_);
    }
    if (!to_send.empty()) {
        loop_.demand(uptime_now());
        std::ranges::move(to_send, std::back_inserter(askers_));
    }
    if (to_show.empty()) {
        return;
    }
    const auto report = duties_.collect();
    const auto stamp = hub::report_stamp{
        .run = loop_.buffer().run(), .sequence = loop_.buffer().last_sequence() + 1, .sent_at = duties_.now()};
    const auto answer = report ? local_api::report_answer{.report = hub::to_json(*report, stamp)}
                               : local_api::report_answer{.failure = describe(report.error())};
    for (const auto& tell : to_show) {
        tell(answer);
    }
}

void hub_link::tell_askers(const local_api::report_answer& answer)
{
    for (const auto& tell : std::exchange(askers_, {})) {
        tell(answer);
    }
}

void hub_link::send(hub::unsent_report report)
{
    const auto call = hub::hub_api::host_report(std::move(report).body(duties_.now()));
    const auto raw = duties_.exchange(call);
    const auto date = raw ? raw->date : std::optional<std::string>{};
    if (const auto there = date ? net::parse_http_date(*date) : std::nullopt) {
        duties_.board->hub_told_time(*there, steady_clock_now());
    }
    const auto answer = hub::read_envelope(raw, in_force_);
    const auto outcome = hub::outcome_of(answer, duties_.now());
    loop_.sent(uptime_now(), outcome, duties_.chance());
    tell_askers({.report = call.body(),
                 .envelope = answer ? std::optional{hub::print_kept_envelope(
                                          {.envelope = *answer, .received_at = duties_.now()})}
                                    : std::nullopt,
                 .failure = answer ? std::nullopt : std::optional{describe(answer.error())}});
    if (!answer && is_stopping()) {
        return;
    }
    if (!std::holds_alternative<hub::report_accepted>(outcome)) {
        duties_.log.warning(
            "the report was not taken",
            {{"reason", describe(answer.error())}, {"failures", loop_.failures()}, {"kept", loop_.buffer().reports()}});
        was_reached_ = false;
        duties_.board->hub_failed(describe(answer.error()), loop_.failures(), loop_.buffer().reports());
        return;
    }
    if (!std::exchange(was_reached_, true)) {
        duties_.log.notice("the hub is back", {{"kept", loop_.buffer().reports()}});
    }
    if (!answer) {
        duties_.log.error("the report was taken, and its answer not understood: what was in force stays",
                          {{"reason", describe(answer.error())}});
        duties_.board->hub_not_understood(duties_.now(), describe(answer.error()), loop_.buffer().reports());
        follow(in_force_); // the hub is not heard by that: after a start no change is begun on such an answer
        return;
    }
    in_force_ = *answer;
    duties_.board->hub_answered(duties_.now(), loop_.buffer().reports());
    duties_.board->hub_blocks(answer->blocked);
    if (const auto kept = duties_.files.keep(hub::kept_envelope{.envelope = *answer, .received_at = duties_.now()});
        !kept) {
        duties_.log.error("the hub's envelope could not be kept", {{"reason", kept.error()}});
    }
    if (follow(*answer)) {
        duties_.board->hub_was_heard();
        duties_.heard();
    }
}

/// A call that followed the report brought nothing.
void hub_link::not_done(std::string_view what, const hub::hub_error& why)
{
    if (is_stopping()) {
        return;
    }
    duties_.log.warning(what, {{"reason", describe(why)}});
    if (const auto wish = hub::wish_of(why, duties_.now())) {
        pause_.wished(uptime_now(), *wish);
    }
}

auto hub_link::may_follow() const -> bool
{
    return !is_stopping() && pause_.is_over(uptime_now());
}

/// Answers whether what the hub names as desired is here.
auto hub_link::follow(const hub::control_envelope& envelope) -> bool
{
    const auto is_here = !duties_.takes_desired || (may_follow() && fetch_desired(envelope));
    auto& box = duties_.box;
    if (!box.has_value()) {
        return is_here;
    }
    if (envelope.has_signed_ops && may_follow()) {
        fetch_signed_ops(*box);
    }
    if (may_follow()) {
        send_results(*box);
    }
    return is_here;
}

void hub_link::refuse(hub::reported_refusal why)
{
    duties_.log.warning("the hub's desired state is not taken", {{"code", why.code}, {"reason", why.detail}});
    duties_.board->refused({std::move(why)});
}

/// Answers whether nothing more is to come of what the envelope names: it is here, or was refused.
auto hub_link::fetch_desired(const hub::control_envelope& envelope) -> bool
{
    const auto mark = duties_.files.mark();
    if (!mark) {
        refuse({.guest = std::nullopt,
                .key = std::nullopt,
                .code = "generation_unreadable",
                .detail = "the last generation that was applied cannot be read: " + mark.error()
                          + std::string{hub::reset_generation}});
        return true;
    }
    const auto on_disk = duties_.files.desired();
    if (!on_disk) {
        duties_.log.error("the desired state is asked for anew", {{"reason", on_disk.error()}});
    }
    const auto kept = on_disk.value_or(std::nullopt);
    const auto needed = hub::needs_fetching(*mark, envelope.desired_generation);
    if (!needed) {
        refuse(hub::reported(hub::offer_refusal{needed.error()}));
        return true;
    }
    // The mark is kept first: whoever is killed then has the document still to fetch.
    const auto is_kept = hub::is_mark_of(*mark, kept ? std::string_view{kept->text} : std::string_view{});
    if (!*needed && on_disk && is_kept) {
        duties_.board->refused({});
        return true;
    }
    const auto answer =
        hub::read_desired(duties_.exchange(hub::hub_api::desired_state(duties_.host, hub::if_none_match(kept))));
    if (!answer) {
        not_done("the desired state was not fetched", answer.error());
        return false;
    }
    if (std::holds_alternative<hub::no_desired_state>(*answer)) {
        duties_.board->refused({});
        return true;
    }
    // Unmodified: a run that was killed kept the document, and not yet its generation.
    const auto* const document = document_in(*answer, kept);
    if (document == nullptr) {
        duties_.log.warning("the desired state was not fetched", {{"reason", "the hub says that we have it"}});
        return false;
    }
    const auto raised = hub::accept_offer(*mark, document->text, lxc::key_table::standard());
    if (!raised) {
        refuse(hub::reported(raised.error()));
        return true;
    }
    if (const auto written = duties_.files.keep(*document, *raised, *mark); !written) {
        duties_.log.error("the desired state could not be kept", {{"reason", written.error()}});
        return false;
    }
    duties_.board->refused({});
    duties_.log.notice("a new desired state", {{"generation", raised->generation}});
    duties_.desired_came();
    return true;
}

void hub_link::fetch_signed_ops(io::drop_box& box)
{
    auto bundles = hub::read_signed_ops(duties_.exchange(hub::hub_api::signed_ops(duties_.host)));
    if (!bundles) {
        not_done("the signed operations were not fetched", bundles.error());
        return;
    }
    const auto not_taken = [&](const std::string& why) {
        duties_.log.error("a signed operation was left with the hub", {{"reason", why}});
    };
    auto listed = std::vector<hub::offered_op>{};
    for (auto& bundle : *bundles) {
        if (auto op = hub::offered(std::move(bundle))) {
            listed.push_back(*std::move(op));
        } else {
            not_taken("OpenSSL could not compute a SHA-256");
        }
    }
    const auto load = box.load();
    if (!load) {
        not_taken(describe(load.error()));
        return;
    }
    const auto fresh = taken_ops_.fresh(std::move(listed));
    auto fitting = hub::that_fit(fresh, hub::room_beside({}, load->files, load->bytes));
    if (fitting.size() < fresh.size()) {
        not_taken("too much waits in the drop box: " + std::to_string(load->files) + " files");
    }
    for (auto& op : fitting) {
        if (const auto put = box.put(op.name + std::string{operate::bundle_ending}, op.bundle); !put) {
            not_taken(describe(put.error()));
        } else {
            taken_ops_.took(std::move(op.name));
        }
    }
    duties_.signed_ops_came();
}

void hub_link::fill_outbox(const io::drop_box& box)
{
    const auto names = box.results();
    if (!names) {
        duties_.log.error("the results could not be listed", {{"reason", describe(names.error())}});
        return;
    }
    std::erase_if(seen_results_, [&](const auto& seen) {
        const auto is_gone = !std::ranges::binary_search(*names, seen.first);
        if (is_gone) {
            outbox_.forget(seen.second);
        }
        return is_gone;
    });
    for (const auto& name : *names) {
        if (seen_results_.contains(name)) {
            continue;
        }
        const auto text = box.stored_result(name);
        const auto result = text ? operate::parse_signed_result(*text) : tl::unexpected(json_error{});
        if (!result) {
            // Not seen: it is tried again with the next report, so that no result is lost to a moment's trouble.
            duties_.log.error("a result could not be read", {{"file", name}});
            continue;
        }
        outbox_.put({.blob = result->blob, .document = operate::to_json(*result)});
        seen_results_.emplace(name, result->blob);
    }
}

/// As many at a time as one call takes, as long as the hub accepts any.
void hub_link::send_results(const io::drop_box& box)
{
    fill_outbox(box);
    for (auto any = true; any && !outbox_.empty() && !is_stopping();) {
        const auto due = outbox_.next();
        const auto accepted = hub::read_accepted_results(
            duties_.exchange(hub::hub_api::op_results(duties_.host, hub::print_op_results(duties_.host, due))));
        if (!accepted) {
            not_done("the results were not taken", accepted.error());
            return;
        }
        any = outbox_.accepted(due, *accepted);
    }
}

} // namespace felhom::agent
