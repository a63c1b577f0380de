// SPDX-License-Identifier: Apache-2.0
#include "support/log_text.hpp"
#include "support/rapidcheck.hpp"

using felhom::tests::log_text;
using felhom::tests::numbered;
using felhom::tests::read_text;

namespace {

using sizes = std::vector<std::size_t>;

/// How many records each batch of a log has.
auto batch_sizes() -> rc::Gen<sizes>
{
    return rc::gen::resize(6, rc::gen::nonEmpty(rc::gen::container<sizes>(rc::gen::inRange<std::size_t>(1, 5))));
}

auto log_of(const sizes& batches) -> log_text
{
    auto text = log_text{};
    auto number = std::uint64_t{0};
    for (const auto size : batches) {
        auto payloads = std::vector<felhom::hash_chain::payload>{};
        for (auto at = std::size_t{0}; at < size; ++at) {
            payloads.push_back(numbered(++number));
        }
        text.batch(payloads);
    }
    return text;
}

auto is_prefix(const std::vector<std::string>& shorter, const std::vector<std::string>& longer) -> bool
{
    return shorter.size() <= longer.size() && std::equal(shorter.begin(), shorter.end(), longer.begin());
}

} // namespace

TEST_CASE("the scanner")
{
    rc::prop("reads the same however its window moves", [] {
        const auto log = log_of(*batch_sizes());
        const auto file = log.bytes() + std::string(*rc::gen::inRange<std::size_t>(0, 300), '\0');
        const auto at_once = read_text(file);
        const auto in_steps = read_text(file, *rc::gen::inRange<std::size_t>(1, 400));
        RC_ASSERT(at_once.records == in_steps.records);
        RC_ASSERT((at_once.outcome == in_steps.outcome));
        RC_ASSERT((at_once.outcome->at == log.at()));
    });

    rc::prop("keeps every acknowledged record, whatever a crash leaves of the last batch", [] {
        const auto batches = *batch_sizes();
        const auto log = log_of(batches);
        const auto begin = log.start(batches.size() - 1);
        const auto fragment = *rc::gen::element<std::size_t>(1, 3, 16, 64, 512);
        auto file = log.bytes() + std::string(*rc::gen::inRange<std::size_t>(0, 300), '\0');
        for (auto at = begin; at < log.bytes().size(); at += fragment) {
            if (*rc::gen::inRange(0, 3) == 0) {
                const auto size = std::min(fragment, log.bytes().size() - at);
                file.replace(at, size, size, '\0');
            }
        }
        file.resize(*rc::gen::inRange(begin, file.size() + 1));

        const auto read = read_text(file, *rc::gen::inRange<std::size_t>(1, 400));
        const auto acknowledged = read_text(log.bytes().substr(0, begin)).records;
        RC_ASSERT(read.outcome.has_value());
        RC_ASSERT(read.records == acknowledged || read.records == read_text(log.bytes()).records);
    });

    rc::prop("never skips damage: what it reads is a prefix, and a loss before the last batch is refused", [] {
        const auto batches = *batch_sizes();
        const auto log = log_of(batches);
        auto file = log.bytes() + std::string(100, '\0');
        const auto at = *rc::gen::inRange<std::size_t>(0, log.bytes().size());
        const auto size = std::min(*rc::gen::element<std::size_t>(1, 2, 8, 64, 512), log.bytes().size() - at);
        const auto wrong = *rc::gen::element('\0', '\n', '"', '}', '0', 'x');
        file.replace(at, size, size, wrong);

        const auto read = read_text(file);
        RC_ASSERT(is_prefix(read.records, read_text(log.bytes()).records));
        const auto hits_only_the_last = at >= log.start(batches.size() - 1);
        // Damage that swallows the whole of the last batch along with the one before it leaves nothing to tell by.
        const auto spares_the_last = at + size <= log.start(batches.size() - 1);
        if (spares_the_last && file != log.bytes() + std::string(100, '\0')) {
            RC_ASSERT_FALSE(read.outcome.has_value());
        }
        if (hits_only_the_last) {
            RC_ASSERT(read.outcome.has_value());
        }
    });
}

TEST_CASE("a head reads back from its text")
{
    rc::prop("parse after print is the identity", [] {
        auto head = felhom::hash_chain::head{.seq = *rc::gen::arbitrary<std::uint64_t>(), .hash = {}};
        for (auto& byte : head.hash.bytes) {
            byte = *rc::gen::arbitrary<unsigned char>();
        }
        RC_ASSERT((felhom::hash_chain::parse_head(to_text(head)) == head));
    });
}
