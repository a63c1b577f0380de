// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/hex.hpp>
#include <felhom/core/instant.hpp>
#include <felhom/core/json/writer.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

// What tells one report from another and from its own repetition. The clock of a host does not: it may be set.
namespace felhom::hub {

/// The process that made a report: 32 hex digits out of chance, drawn once a process.
class run_id {
public:
    using random_words = std::array<std::uint32_t, 4>;

    [[nodiscard]] static auto of(const random_words& words) -> run_id
    {
        auto text = std::string{};
        for (const auto word : words) {
            for (const auto shift : {24U, 16U, 8U, 0U}) {
                append_hex(text, static_cast<unsigned char>(word >> shift & 0xffU));
            }
        }
        return run_id{std::move(text)};
    }

    [[nodiscard]] auto text() const -> const std::string& { return text_; }

    friend auto operator==(const run_id&, const run_id&) -> bool = default;

private:
    explicit run_id(std::string text) : text_{std::move(text)} {}

    std::string text_;
};

/// Reports that were made and never sent, before another one.
struct missed_reports {
    std::uint64_t count;
    instant from; ///< when the first of them was made
    instant to;   ///< and the last

    friend auto operator==(const missed_reports&, const missed_reports&) -> bool = default;
};

inline void write_members(json_writer& out, const missed_reports& missed)
{
    out.member<"count">(missed.count);
    out.member<"from">(missed.from);
    out.member<"to">(missed.to);
}

/// What is known of a report only when it is sent.
struct report_stamp {
    run_id run;
    std::uint64_t sequence; ///< of its run, from 1; the same run and sequence are the same report
    instant sent_at;
    std::optional<missed_reports> missed = std::nullopt;
    bool trial = false; ///< a person had it made while no agent was running, so that it lacks what only that knows

    friend auto operator==(const report_stamp&, const report_stamp&) -> bool = default;
};

inline void write_members(json_writer& out, const report_stamp& stamp)
{
    out.member<"run">(stamp.run.text());
    out.member<"sequence">(stamp.sequence);
    out.member<"trial">(stamp.trial);
    out.member<"sent_at">(stamp.sent_at);
    out.member<"missed">(stamp.missed);
}

} // namespace felhom::hub
