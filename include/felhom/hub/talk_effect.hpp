// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/instant.hpp>
#include <felhom/core/log_level.hpp>
#include <felhom/core/procedure.hpp>
#include <felhom/hub/desired_status.hpp>
#include <felhom/hub/envelope.hpp>
#include <felhom/hub/generation_mark.hpp>
#include <felhom/hub/hub_call.hpp>
#include <felhom/hub/hub_error.hpp>
#include <felhom/hub/kept_desired.hpp>
#include <felhom/hub/report_loop.hpp>
#include <felhom/operate/box_effect.hpp>
#include <felhom/operate/effect.hpp>

#include <tl/expected.hpp>

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

// What talking to the hub may ask of the world.
namespace felhom::hub {

/// Why something that is kept of the hub cannot be had, or not be kept: one line.
using kept_error = std::string;

/// One call of the hub's API.
struct call_hub {
    using answer = hub_exchanged;

    explicit call_hub(hub_call made) : call{std::move(made)} {}

    hub_call call;
};

/// Tells whoever makes the reports what came of the one that was sent.
struct tell_report_end {
    using answer = std::monostate;

    tell_report_end(std::string sent, tl::expected<control_envelope, hub_error> said, report_outcome end, instant when)
        : body{std::move(sent)}, envelope{std::move(said)}, outcome{end}, at{when}
    {
    }

    std::string body;
    tl::expected<control_envelope, hub_error> envelope;
    report_outcome outcome;
    instant at;
};

/// The mark of the last desired state that was taken.
struct read_mark {
    using answer = tl::expected<std::optional<generation_mark>, kept_error>;
};

/// The desired state that was taken last.
struct read_kept_desired {
    using answer = tl::expected<std::optional<desired_document>, kept_error>;
};

/// Keeps a mark, durably; not where the one by which it was judged is in force no more: somebody has reset it.
struct keep_mark {
    using answer = tl::expected<void, kept_error>;

    keep_mark(generation_mark to, std::optional<generation_mark> by) : mark{to}, judged_by{by} {}

    generation_mark mark;
    std::optional<generation_mark> judged_by;
};

/// Keeps a desired state, durably.
struct keep_desired {
    using answer = tl::expected<void, kept_error>;

    explicit keep_desired(desired_document taken) : document{std::move(taken)} {}

    desired_document document;
};

/// Keeps an envelope, durably.
struct keep_envelope {
    using answer = tl::expected<void, kept_error>;

    explicit keep_envelope(kept_envelope heard) : envelope{heard} {}

    kept_envelope envelope;
};

/// Puts a bundle into the drop box, durably.
struct put_bundle {
    using answer = tl::expected<void, operate::box_trouble>;

    put_bundle(std::string file, std::string bundle) : name{std::move(file)}, text{std::move(bundle)} {}

    std::string name;
    std::string text;
};

/// How much waits in the drop box.
struct measure_box {
    struct load {
        std::size_t files;
        std::uint64_t bytes;
    };
    using answer = tl::expected<load, operate::box_trouble>;
};

/// The names of the results, in order.
struct list_results {
    using answer = tl::expected<std::vector<std::string>, operate::box_trouble>;
};

/// Whether the talk is to end.
struct ask_whether_to_stop {
    using answer = bool;
};

// ---- news for this host

/// What time it is at the hub.
struct hub_told_time {
    instant there;
};
/// Whether anything may be changed: in force at once, also where it cannot be kept.
struct hub_told_block {
    bool blocked;
};
/// What the hub offers as desired is not taken; nothing: there is nothing against it.
struct offer_was_judged {
    std::optional<reported_refusal> refusal;
};
struct desired_came {};
struct signed_ops_came {};
/// The hub has answered, and what it names as desired is here.
struct hub_was_heard {};
/// A line for the log.
struct talk_remark {
    log_level level;
    std::string what;
    std::vector<std::pair<std::string, std::string>> with;
};

using host_news = std::variant<hub_told_time, hub_told_block, offer_was_judged, desired_came, signed_ops_came,
                               hub_was_heard, talk_remark>;

struct tell_host {
    using answer = std::monostate;

    explicit tell_host(host_news said) : news{std::move(said)} {}

    host_news news;
};

using talk_effect = std::variant<call_hub, tell_report_end, read_mark, read_kept_desired, keep_mark, keep_desired,
                                 keep_envelope, put_bundle, measure_box, list_results, operate::read_result,
                                 ask_whether_to_stop, tell_host, operate::read_clock, operate::read_steady_clock>;

template <typename T>
using talk_procedure = procedure<talk_effect, T>;

} // namespace felhom::hub
