// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/hash_chain/chain.hpp>
#include <felhom/hash_chain/evidence.hpp>
#include <felhom/hash_chain/frame.hpp>
#include <felhom/hash_chain/head.hpp>
#include <felhom/hash_chain/header.hpp>
#include <felhom/hash_chain/limits.hpp>
#include <felhom/hash_chain/refusal.hpp>

#include <tl/expected.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::hash_chain {

/// A record of a log, seen in the reader's buffer.
struct record {
    std::uint64_t seq;
    std::string_view data;
    sha256_digest hash; ///< the link of the chain that ends with it

    [[nodiscard]] auto at() const -> head { return {.seq = seq, .hash = hash}; }
};

/// What a log holds, and where it goes on.
struct recovered {
    log_header header;
    head at;
    std::uint64_t records = 0;
    std::uint64_t last_batch = 0; ///< where the last complete batch begins, or the end when there is none
    std::uint64_t end = 0;        ///< the byte after the last complete batch: the place of the next one
    std::optional<torn_tail> torn;

    friend auto operator==(const recovered&, const recovered&) -> bool = default;
};

/// Reads a log from front to back out of a window that its caller moves along the file. Records come out only in whole
/// batches whose every link of the hash chain is right.
///
/// A batch is written only after the one before it is durable. So a crash can spoil one batch, at the end, and bytes
/// that are wrong while any later batch was begun are damage: that is what tells the two apart.
class scanner {
public:
    /// A window must hold at least this much, unless the file ends in it.
    static constexpr std::size_t least_window = longest_batch + longest_header;

    explicit scanner(log_kind kind) : kind_{std::move(kind)} {}

    /// Reads what it can of the window, calls on_record for each record of each whole batch, and answers how many bytes
    /// it needs no more. `last` says that the file ends with the window.
    template <typename OnRecord>
    [[nodiscard]] auto consume(std::string_view window, bool last, const OnRecord& on_record) -> std::size_t
    {
        auto used = std::size_t{0};
        while (!why_refused_) {
            const auto rest = window.substr(used);
            const auto step = tail_     ? read_tail(*tail_, rest, last)
                              : header_ ? read_batch(rest, last, on_record)
                                        : read_header(rest, last);
            used += step;
            offset_ += step;
            if (step == 0 && !std::exchange(turned_, false)) {
                break;
            }
        }
        return used;
    }

    /// Whether reading on is of no use.
    [[nodiscard]] auto is_refused() const -> bool { return why_refused_.has_value(); }

    /// What the log holds, once all of it was consumed.
    [[nodiscard]] auto finish() && -> tl::expected<recovered, refusal>
    {
        if (why_refused_) {
            return tl::unexpected(*std::move(why_refused_));
        }
        if (!header_) {
            return tl::unexpected<refusal>(damaged{.offset = 0, .reason = "the file is empty"});
        }
        return recovered{
            .header = *header_,
            .at = at_,
            .records = records_,
            .last_batch = records_ == 0 ? end_ : last_batch_,
            .end = end_,
            .torn = tail_ ? std::move(*tail_).torn() : std::nullopt,
        };
    }

private:
    [[nodiscard]] auto read_header(std::string_view rest, bool last) -> std::size_t
    {
        const auto newline = rest.substr(0, longest_header).find('\n');
        if (newline == std::string_view::npos) {
            if (last || rest.size() >= longest_header) {
                why_refused_ = damaged{.offset = 0, .reason = "the file has no header line"};
            }
            return 0;
        }
        auto header = parse_header(rest.substr(0, newline));
        if (!header) {
            why_refused_ = std::move(header).error();
            return 0;
        }
        if (header->kind != kind_) {
            why_refused_ = wrong_kind{.expected = kind_.text(), .found = header->kind.text()};
            return 0;
        }
        const auto hash = links_.link(header->follows.hash, rest.substr(0, newline));
        if (!hash) {
            why_refused_ = damaged{.offset = 0, .reason = "SHA-256 is not available"};
            return 0;
        }
        at_ = head{.seq = header->follows.seq, .hash = *hash};
        header_ = *std::move(header);
        end_ = newline + 1;
        return newline + 1;
    }

    template <typename OnRecord>
    [[nodiscard]] auto read_batch(std::string_view rest, bool last, const OnRecord& on_record) -> std::size_t
    {
        if (rest.empty()) {
            return 0;
        }
        if (rest.front() == '\0') {
            return turn_to_tail("bytes after the end of the log");
        }
        batch_.clear();
        auto now = at_;
        auto size = std::size_t{0};
        while (batch_.empty() || now.seq < batch_last_) {
            const auto newline = rest.substr(size, longest_line + 1).find('\n');
            if (newline == std::string_view::npos || size + newline >= longest_batch) {
                const auto may_go_on = !last && rest.size() < longest_batch && rest.size() - size <= longest_line;
                return may_go_on ? 0 : turn_to_tail("a batch is cut short");
            }
            const auto line = parse_frame(rest.substr(size, newline));
            if (!line) {
                return turn_to_tail("a line is not a record");
            }
            if (const auto wrong = fault_of(*line, now); !wrong.empty()) {
                return turn_to_tail(wrong);
            }
            batch_.push_back(record{.seq = line->at.seq, .data = line->data, .hash = now.hash});
            size += newline + 1;
        }

        for (const auto& one : batch_) {
            on_record(one);
        }
        records_ += batch_.size();
        last_batch_ = offset_;
        end_ = offset_ + size;
        at_ = now;
        return size;
    }

    /// Empty, and `now` moved to the line, if the line follows `now` within the batch that follows at_.
    [[nodiscard]] auto fault_of(const frame& line, head& now) -> std::string_view
    {
        if (batch_.empty()) {
            batch_last_ = line.at.last;
        }
        if (line.at != place{.seq = now.seq + 1, .first = at_.seq + 1, .last = batch_last_}
            || line.at.last < line.at.seq) {
            return "a record is out of sequence";
        }
        const auto hash = links_.link(now.hash, line.linked);
        if (!hash || digest_from_hex(line.hash_text) != hash) {
            return "a record does not fit the hash chain";
        }
        now = head{.seq = line.at.seq, .hash = *hash};
        return {};
    }

    [[nodiscard]] auto turn_to_tail(std::string_view reason) -> std::size_t
    {
        tail_.emplace(at_.seq + 1, offset_, std::string{reason});
        turned_ = true;
        return 0;
    }

    [[nodiscard]] auto read_tail(tail_evidence& tail, std::string_view rest, bool last) -> std::size_t
    {
        const auto used = tail.consume(rest, last);
        if (const auto& reason = tail.against_a_crash(); reason) {
            why_refused_ = damaged{.offset = end_, .reason = *reason};
        }
        return used;
    }

    log_kind kind_;
    chain links_;
    std::optional<log_header> header_;
    std::optional<tail_evidence> tail_;
    std::optional<refusal> why_refused_;
    bool turned_ = false;

    std::vector<record> batch_;
    std::uint64_t batch_last_ = 0;
    head at_;
    std::uint64_t offset_ = 0;
    std::uint64_t end_ = 0;
    std::uint64_t last_batch_ = 0;
    std::uint64_t records_ = 0;
};

} // namespace felhom::hash_chain
