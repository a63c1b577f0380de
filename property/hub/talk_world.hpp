// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/hub/hub_store.hpp"

#include <felhom/core/overloaded.hpp>
#include <felhom/hub/talk.hpp>
#include <felhom/operate/procedures/inbox.hpp>

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <variant>

namespace felhom::testing {

/// Thrown where the agent dies.
struct talker_died {};

/// A host and its simulated hub. What the host keeps is durable at once; what it remembers is gone when it dies, and
/// that may be before or after any effect.
class talk_world {
public:
    explicit talk_world(std::uint32_t seed) : random_{seed}
    {
        auto& host = hub_.hosts["host-1"];
        host.api_key = "key";
        desire(1);
        offer();
        offer();
        if (random_() % 2 == 0) {
            add_faults();
        }
    }

    /// Who performs the effects otherwise than he should; for one that breaks a law.
    std::function<bool(talk_world&, const hub::keep_mark&)> keeps_mark;
    std::function<bool(talk_world&, const hub::keep_desired&)> keeps_desired;
    std::function<bool(talk_world&, const hub::put_bundle&)> puts;

    void die_at(std::size_t point) { dies_at_ = point; }
    [[nodiscard]] auto points() const -> std::size_t { return points_; }
    [[nodiscard]] auto broken() const -> const std::string& { return broken_; }

    /// The talks of some lives, with the hub's wishes changing between them, and then until all is quiet.
    void run()
    {
        for (auto life = 0; life < 3; ++life) {
            live(/*talks=*/2);
            if (life == 0) {
                desire(4);
                offer();
            }
            hub_.hosts.at("host-1").blocked = life == 1;
        }
        hub_.faults.clear();
        dies_at_.reset();
        now_ += std::chrono::hours{2};
        live(/*talks=*/3);
        demand_all_is_here();
    }

    void demand(bool holds, const std::string& otherwise)
    {
        if (!holds && broken_.empty()) {
            broken_ = otherwise;
        }
    }

    // ---- what the host keeps

    void keep(const hub::keep_mark& wanted)
    {
        demand(!mark_ || mark_->generation <= wanted.mark.generation, "the mark went back");
        mark_ = wanted.mark;
    }
    void keep(const hub::keep_desired& wanted)
    {
        desired_ = wanted.document;
        const auto own = reconcile::parse_desired_state(desired_->text, lxc::key_table::standard());
        desired_generation_ = own ? own->generation : 0;
    }

    /// Performs one effect.
    template <typename Effect>
    auto operator()(Effect wanted) -> typename Effect::answer
    {
        pass_point();
        auto answer = perform(wanted);
        demand(!desired_ || (mark_ && mark_->generation >= desired_generation_),
               "a desired state is in force whose generation is not kept");
        pass_point();
        return answer;
    }

private:
    void pass_point()
    {
        if (dies_at_ && points_ == *dies_at_) {
            ++points_;
            throw talker_died{};
        }
        ++points_;
    }

    void desire(std::uint64_t generation)
    {
        hub_.hosts.at("host-1").desired = sim::hub_document{.generation = generation,
                                                            .text = R"({"version":1,"generation":)"
                                                                    + std::to_string(generation) + R"(,"guests":[]})"};
    }

    void offer()
    {
        auto bundle = "bundle " + std::to_string(++offered_);
        auto blob = to_hex(*sha256(bundle));
        hub_.hosts.at("host-1").operations.push_back({.blob_sha256 = std::move(blob), .bundle = std::move(bundle)});
    }

    void add_faults()
    {
        namespace kind = sim::hub_fault_kind;
        for (auto count = 1 + random_() % 4; count > 0; --count) {
            auto fault = sim::hub_fault{.host = {}, .call = {}, .what = kind::drops_before_apply{}};
            switch (random_() % 4) {
            case 0:
                fault.what = kind::drops_after_apply{};
                break;
            case 1:
                fault.what = kind::answers{sim::hub_response(200, "OK", "garbage")};
                break;
            case 2:
                fault.what = kind::answers{sim::hub_response(503, "Busy", {}, {{"Retry-After", "30"}})};
                break;
            default:
                break;
            }
            hub_.faults.push_back(std::move(fault));
        }
    }

    /// One run of the agent, to its death or its end.
    void live(int talks)
    {
        auto memory = hub::talk_memory{};
        try {
            for (auto made = 0; made < talks; ++made) {
                auto work =
                    hub::talk(std::move(memory), rules_, R"({"schema":"felhom-host-report/2","host_id":"host-1"})");
                while (work.pending() != nullptr) {
                    work.step([this]<typename Effect>(Effect wanted) { return (*this)(std::move(wanted)); });
                }
                memory = std::move(work).result();
                carry_out();
                now_ += std::chrono::minutes{1};
            }
        } catch (const talker_died&) {
        }
    }

    /// What the rest of the agent does with the drop box.
    void carry_out()
    {
        for (const auto& [name, bundle] : std::exchange(box_, {})) {
            const auto blob = *sha256(bundle);
            results_.try_emplace(operate::result_name(blob),
                                 boost::json::serialize(
                                     operate::to_json(operate::signed_result{.blob = blob,
                                                                             .state = operate::signed_state::succeeded,
                                                                             .at = now_,
                                                                             .code = "",
                                                                             .detail = "done"})));
        }
    }

    void demand_all_is_here()
    {
        const auto& host = hub_.hosts.at("host-1");
        demand(desired_ && host.desired && desired_->text == host.desired->text, "the desired state is not here");
        demand(mark_ && host.desired && mark_->generation == host.desired->generation, "its generation is not kept");
        demand(envelope_ && envelope_->envelope.blocked == host.blocked, "the hub's block is not kept");
        demand(host.operations.empty() && host.results.size() == offered_,
               "a signed operation has no result at the hub");
    }

    [[nodiscard]] auto perform(const hub::call_hub& wanted) -> hub::hub_exchanged
    {
        auto headers = std::vector<sim::http_header>{{"Authorization", "Bearer key"}};
        if (const auto& tag = wanted.call.none_match()) {
            headers.push_back({"If-None-Match", tag->text()});
        }
        auto answer = hub_.handle({.method = std::string{net::name_of(wanted.call.method())},
                                   .target = wanted.call.target(),
                                   .headers = std::move(headers),
                                   .body = wanted.call.body()},
                                  now_);
        if (answer.dropped) {
            return tl::unexpected(net::transport_error{
                .what = net::transport_error::kind::interrupted, .maybe_sent = true, .detail = "dropped"});
        }
        const auto header = [&](std::string_view name) {
            const auto value = sim::find_header(answer.headers, name);
            return value ? std::optional{std::string{*value}} : std::nullopt;
        };
        return hub::hub_answer{.status = answer.status,
                               .reason = answer.reason,
                               .body = answer.body,
                               .tag = header("ETag"),
                               .retry_after = header("Retry-After")};
    }
    [[nodiscard]] auto perform(const hub::read_mark& /*asked*/) const -> hub::read_mark::answer { return mark_; }
    [[nodiscard]] auto perform(const hub::read_kept_desired& /*asked*/) const -> hub::read_kept_desired::answer
    {
        return desired_;
    }
    [[nodiscard]] auto perform(const hub::keep_mark& wanted) -> hub::keep_mark::answer
    {
        if (!keeps_mark || !keeps_mark(*this, wanted)) {
            keep(wanted);
        }
        return {};
    }
    [[nodiscard]] auto perform(const hub::keep_desired& wanted) -> hub::keep_desired::answer
    {
        if (!keeps_desired || !keeps_desired(*this, wanted)) {
            keep(wanted);
        }
        return {};
    }
    [[nodiscard]] auto perform(const hub::keep_envelope& wanted) -> hub::keep_envelope::answer
    {
        envelope_ = wanted.envelope;
        return {};
    }
    [[nodiscard]] auto perform(const hub::put_bundle& wanted) -> hub::put_bundle::answer
    {
        if (!puts || !puts(*this, wanted)) {
            box_.emplace(wanted.name, wanted.text);
        }
        return {};
    }
    [[nodiscard]] auto perform(const hub::measure_box& /*asked*/) const -> hub::measure_box::answer
    {
        return hub::measure_box::load{.files = box_.size(), .bytes = 0};
    }
    [[nodiscard]] auto perform(const hub::list_results& /*asked*/) const -> hub::list_results::answer
    {
        auto names = std::vector<std::string>{};
        for (const auto& [name, text] : results_) {
            names.push_back(name);
        }
        return names;
    }
    [[nodiscard]] auto perform(const operate::read_result& wanted) const -> operate::read_result::answer
    {
        return results_.at(wanted.name);
    }
    [[nodiscard]] auto perform(const hub::ask_whether_to_stop& /*asked*/) const -> bool { return false; }
    [[nodiscard]] auto perform(const hub::tell_report_end& /*told*/) const -> std::monostate { return {}; }
    [[nodiscard]] auto perform(const hub::tell_host& told) -> std::monostate
    {
        if (const auto* const block = std::get_if<hub::hub_told_block>(&told.news)) {
            demand(block->blocked == hub_.hosts.at("host-1").blocked, "another block is in force than the hub's");
        }
        return {};
    }
    [[nodiscard]] auto perform(const operate::read_clock& /*asked*/) const -> instant { return now_; }
    [[nodiscard]] auto perform(const operate::read_steady_clock& /*asked*/) const -> steady_instant
    {
        return steady_instant{now_.time_since_epoch()};
    }

    std::mt19937 random_;
    sim::hub_store hub_;
    hub::talk_rules rules_{.host = *host_id::parse("host-1"), .takes_desired = true, .takes_ops = true};
    instant now_{std::chrono::milliseconds{1'795'000'000'000}};
    std::size_t points_ = 0;
    std::optional<std::size_t> dies_at_;
    std::string broken_;
    std::size_t offered_ = 0;

    std::optional<hub::generation_mark> mark_;
    std::optional<hub::desired_document> desired_;
    std::uint64_t desired_generation_ = 0;
    std::optional<hub::kept_envelope> envelope_;
    std::map<std::string, std::string> box_;
    std::map<std::string, std::string> results_;
};

} // namespace felhom::testing
