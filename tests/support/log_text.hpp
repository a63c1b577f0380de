// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/hash_chain/batch.hpp>
#include <felhom/hash_chain/header.hpp>
#include <felhom/hash_chain/scanner.hpp>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::tests {

[[nodiscard]] inline auto kind_of(std::string_view text) -> hash_chain::log_kind
{
    return *hash_chain::log_kind::parse(text);
}

[[nodiscard]] inline auto payload_of(std::string text) -> hash_chain::payload
{
    return *hash_chain::payload::parse(std::move(text));
}

/// The payload {"n":NUMBER}.
[[nodiscard]] inline auto numbered(std::uint64_t number) -> hash_chain::payload
{
    return payload_of("{\"n\":" + std::to_string(number) + "}");
}

/// The bytes of a log file, built batch by batch.
class log_text {
public:
    explicit log_text(hash_chain::log_header header)
        : bytes_{encode(header) + '\n'},
          at_{.seq = header.follows.seq, .hash = *hash_chain::chain{}.link(header.follows.hash, encode(header))}
    {
    }
    log_text() : log_text{hash_chain::log_header{.kind = kind_of("test"), .follows = {}}} {}

    auto batch(const std::vector<hash_chain::payload>& payloads) -> log_text&
    {
        auto seen = std::vector<const hash_chain::payload*>{};
        for (const auto& one : payloads) {
            seen.push_back(&one);
        }
        auto links = hash_chain::chain{};
        const auto made = *hash_chain::encode_batch(links, at_, seen);
        starts_.push_back(bytes_.size());
        bytes_ += made.bytes;
        at_ = made.heads.back();
        return *this;
    }

    /// A batch of {"n":…} for each number.
    auto batch(std::initializer_list<std::uint64_t> numbers) -> log_text&
    {
        auto payloads = std::vector<hash_chain::payload>{};
        for (const auto number : numbers) {
            payloads.push_back(numbered(number));
        }
        return batch(payloads);
    }

    [[nodiscard]] auto bytes() const -> const std::string& { return bytes_; }
    [[nodiscard]] auto at() const -> const hash_chain::head& { return at_; }
    /// Where the batch of this index begins.
    [[nodiscard]] auto start(std::size_t index) const -> std::size_t { return starts_[index]; }

private:
    std::string bytes_;
    std::vector<std::size_t> starts_;
    hash_chain::head at_;
};

struct read_back {
    std::vector<std::string> records;
    tl::expected<hash_chain::recovered, hash_chain::refusal> outcome;
};

/// Reads a log as a file would be read, through a window that grows by `step` bytes.
[[nodiscard]] inline auto read_text(std::string_view bytes, std::size_t step = std::string_view::npos,
                                    const hash_chain::log_kind& kind = kind_of("test")) -> read_back
{
    auto records = std::vector<std::string>{};
    auto scan = hash_chain::scanner{kind};
    auto begin = std::size_t{0};
    auto end = std::size_t{0};
    do {
        end += std::min(step, bytes.size() - end);
        begin += scan.consume(bytes.substr(begin, end - begin), end == bytes.size(),
                              [&](const hash_chain::record& one) { records.emplace_back(one.data); });
    } while (end < bytes.size() && !scan.is_refused());
    return {.records = std::move(records), .outcome = std::move(scan).finish()};
}

} // namespace felhom::tests
