// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/host_id.hpp>
#include <felhom/hub/desired_offer.hpp>
#include <felhom/hub/hub_answer.hpp>
#include <felhom/hub/talk_effect.hpp>
#include <felhom/proxmox/lxc/key_table.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

// How the desired state comes from the hub. The mark is kept first: whoever is killed between the two goes on with the
// old document, takes none below the new one, and has the new one still to fetch.
namespace felhom::hub {

/// What came of fetching the desired state.
struct desired_fetch {
    bool is_here;                                    ///< nothing more is to come: it is here, or was refused
    std::optional<hub_error> failure = std::nullopt; ///< of the call
};

namespace detail {

[[nodiscard]] inline auto refuse_offer(reported_refusal why) -> talk_procedure<desired_fetch>
{
    auto line = host_news{talk_remark{.level = log_level::warning,
                                      .what = "the hub's desired state is not taken",
                                      .with = {{"code", why.code}, {"reason", why.detail}}}};
    static_cast<void>(co_await tell_host(std::move(line)));
    auto judged = host_news{offer_was_judged{std::move(why)}};
    static_cast<void>(co_await tell_host(std::move(judged)));
    co_return desired_fetch{.is_here = true};
}

/// There is nothing against what the hub names as desired, and nothing more to do for it.
[[nodiscard]] inline auto accept_as_it_is() -> talk_procedure<desired_fetch>
{
    auto judged = host_news{offer_was_judged{std::nullopt}};
    static_cast<void>(co_await tell_host(std::move(judged)));
    co_return desired_fetch{.is_here = true};
}

[[nodiscard]] inline auto give_up_offer(log_level level, std::string what, std::string why)
    -> talk_procedure<desired_fetch>
{
    auto line = host_news{talk_remark{.level = level, .what = std::move(what), .with = {{"reason", std::move(why)}}}};
    static_cast<void>(co_await tell_host(std::move(line)));
    co_return desired_fetch{.is_here = false};
}

/// Keeps what the hub sent, if it may be taken.
[[nodiscard]] inline auto keep_offer(desired_document document, std::optional<generation_mark> mark)
    -> talk_procedure<desired_fetch>
{
    static constexpr auto not_kept = "the desired state could not be kept";
    const auto raised = accept_offer(mark, document.text, lxc::key_table::standard());
    if (!raised) {
        co_return co_await refuse_offer(reported(raised.error()));
    }
    const auto marked = co_await keep_mark(*raised, mark);
    if (!marked) {
        co_return co_await give_up_offer(log_level::error, not_kept, marked.error());
    }
    const auto kept = co_await keep_desired(std::move(document));
    if (!kept) {
        co_return co_await give_up_offer(log_level::error, not_kept, kept.error());
    }
    const auto end = co_await accept_as_it_is();
    auto line = host_news{talk_remark{.level = log_level::notice,
                                      .what = "a new desired state",
                                      .with = {{"generation", std::to_string(raised->generation)}}}};
    static_cast<void>(co_await tell_host(std::move(line)));
    auto came = host_news{desired_came{}};
    static_cast<void>(co_await tell_host(std::move(came)));
    co_return end;
}

/// What the hub sent, or what we have where it says that this is still the one.
[[nodiscard]] inline auto document_in(desired_answer answer, std::optional<desired_document> kept)
    -> std::optional<desired_document>
{
    auto* const sent = std::get_if<desired_document>(&answer);
    return sent != nullptr ? std::optional{std::move(*sent)} : std::move(kept);
}

} // namespace detail

/// Fetches what the envelope names as desired, if it is not here.
[[nodiscard]] inline auto fetch_desired(control_envelope envelope, host_id host) -> talk_procedure<desired_fetch>
{
    const auto mark = co_await read_mark{};
    if (!mark) {
        auto why = reported_refusal{.guest = std::nullopt,
                                    .key = std::nullopt,
                                    .code = "generation_unreadable",
                                    .detail = "the last generation that was applied cannot be read: " + mark.error()
                                              + std::string{reset_generation}};
        co_return co_await detail::refuse_offer(std::move(why));
    }
    auto on_disk = co_await read_kept_desired{};
    if (!on_disk) {
        auto line = host_news{talk_remark{.level = log_level::error,
                                          .what = "the desired state is asked for anew",
                                          .with = {{"reason", on_disk.error()}}}};
        static_cast<void>(co_await tell_host(std::move(line)));
    }
    const auto is_readable = on_disk.has_value();
    auto kept = std::move(on_disk).value_or(std::nullopt);
    const auto needed = needs_fetching(*mark, envelope.desired_generation);
    if (!needed) {
        co_return co_await detail::refuse_offer(reported(offer_refusal{needed.error()}));
    }
    const auto is_kept = is_mark_of(*mark, kept ? std::string_view{kept->text} : std::string_view{});
    if (!*needed && is_readable && is_kept) {
        co_return co_await detail::accept_as_it_is();
    }
    auto raw = co_await call_hub(hub_api::desired_state(host, if_none_match(kept)));
    auto answer = read_desired(std::move(raw));
    if (!answer) {
        co_return desired_fetch{.is_here = false, .failure = std::move(answer).error()};
    }
    if (std::holds_alternative<no_desired_state>(*answer)) {
        co_return co_await detail::accept_as_it_is();
    }
    // Unmodified: a run that was killed kept the document, and not yet its generation.
    auto document = detail::document_in(*std::move(answer), std::move(kept));
    if (!document) {
        co_return co_await detail::give_up_offer(log_level::warning, "the desired state was not fetched",
                                                 "the hub says that we have it");
    }
    co_return co_await detail::keep_offer(*std::move(document), *mark);
}

} // namespace felhom::hub
