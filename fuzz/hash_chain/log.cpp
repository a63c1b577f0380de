// SPDX-License-Identifier: Apache-2.0
#include <felhom/authz/replay/replay_memory.hpp>
#include <felhom/hash_chain/scanner.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

// Any bytes as a log file. The first byte says how fast the window grows: what is read must not depend on it. What was
// read whole must be what our own encoder writes.
namespace {

using namespace felhom; // NOLINT(google-build-using-namespace): a fuzz target

struct reading {
    std::vector<std::string> records;
    tl::expected<hash_chain::recovered, hash_chain::refusal> outcome;
};

auto read(std::string_view bytes, std::size_t step) -> reading
{
    auto records = std::vector<std::string>{};
    auto scan = hash_chain::scanner{*hash_chain::log_kind::parse("replay")};
    auto begin = std::size_t{0};
    auto end = std::size_t{0};
    do {
        end += std::min(step, bytes.size() - end);
        begin += scan.consume(bytes.substr(begin, end - begin), end == bytes.size(),
                              [&](const hash_chain::record& one) { records.emplace_back(one.data); });
    } while (end < bytes.size() && !scan.is_refused());
    return {.records = std::move(records), .outcome = std::move(scan).finish()};
}

void require(bool law)
{
    if (!law) {
        std::abort();
    }
}

} // namespace

extern "C" auto LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) -> int
{
    if (size == 0) {
        return 0;
    }
    const auto bytes = std::string{data + 1, data + size};
    const auto at_once = read(bytes, bytes.size());
    const auto in_steps = read(bytes, std::size_t{1} + data[0]);
    require(at_once.records == in_steps.records && at_once.outcome == in_steps.outcome);
    if (!at_once.outcome) {
        static_cast<void>(describe(at_once.outcome.error()));
        return 0;
    }
    const auto& end = *at_once.outcome;
    require(end.records == at_once.records.size() && end.last_batch <= end.end && end.end <= bytes.size());
    require(end.at.seq == end.header.follows.seq + end.records);
    require(!end.torn || end.torn->offset == end.end);
    // Cut where it says, the log is whole and says the same.
    const auto again = read(std::string_view{bytes}.substr(0, end.end), bytes.size());
    require(again.outcome && !again.outcome->torn && again.outcome->at == end.at && again.records == at_once.records);

    auto memory = authz::replay_memory{1000};
    for (const auto& text : at_once.records) {
        if (const auto record = authz::parse_replay_record(text); record) {
            memory.fold(*record);
        }
    }
    static_cast<void>(memory.to_forget(instant{std::chrono::seconds{1'800'000'000}}, std::chrono::seconds{30}));
    static_cast<void>(memory.drop_forgotten());
    return 0;
}
