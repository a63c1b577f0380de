// SPDX-License-Identifier: Apache-2.0
#include "authz/support/test_key.hpp"
#include "io/journal/owned_log.hpp"
#include "support/catch.hpp"
#include "support/simulated_disk.hpp"

#include <felhom/authz/error.hpp>
#include <felhom/authz/operation/write_operation.hpp>
#include <felhom/authz/pipeline.hpp>
#include <felhom/authz/replay/claim.hpp>

#include <string>

using namespace felhom;
using namespace felhom::authz;
using namespace std::chrono_literals;

namespace {

const auto at_noon = *parse_instant("2026-06-01T12:00:00Z");
const auto expiry = at_noon + 5min;

auto some_nonce(char digit) -> nonce
{
    return *nonce::parse(std::string(32, digit));
}

/// A timely operation with this nonce, signed and verified with this skew.
auto timely_operation(char digit, std::chrono::milliseconds skew = 30s) -> timely
{
    static const auto key = test_key{key_kind::ed25519};
    static const auto listed =
        *signers::load({{.authorized_key = key.line(), .tag = signer_tag::operational, .key_id = "op-1"}});
    const auto blob = *write_operation({.op = "guest.destroy",
                                        .host_id = "host-a",
                                        .guest_id = *vmid::parse("101"),
                                        .params = {},
                                        .nonce = some_nonce(digit),
                                        .not_before = at_noon,
                                        .expires_at = expiry,
                                        .key_id = "hint"});
    return *verify({.armor = sign_message(key, blob), .blob = blob}, listed, *host_id::parse("host-a"), at_noon,
                   {.skew = skew});
}

/// A log that appends what it is given.
class open_log {
public:
    open_log()
    {
        REQUIRE(place_.create());
        log_ = std::move(*place_.start(*place_.read([](const auto&) {})));
    }

    [[nodiscard]] auto append(const hash_chain::payload& data) const -> hash_chain::receipt
    {
        const auto made = log_->append(data);
        REQUIRE(made);
        return *made;
    }

private:
    tests::simulated_disk disk_{1};
    io::owned_log place_ = *io::owned_log::take(disk_.calls(), "/nonces", *hash_chain::log_kind::parse("replay"), "me");
    std::unique_ptr<io::durable_log> log_;
};

} // namespace

TEST_CASE("a timely operation and the memory give the record to append, and its receipt makes the operation claimed")
{
    auto memory = replay_memory{10};
    auto made = propose_claim(timely_operation('1'), memory);
    REQUIRE(made);
    REQUIRE(made->ceiling());
    CHECK(made->ceiling()->ceiling >= expiry);
    CHECK(made->record().text()
          == R"({"nonce":"11111111111111111111111111111111","expires_at":1780315500000,)"
             R"("operation":{"op":"guest.destroy","guest_id":"101","key_id":"op-1"}})");
    const auto log = open_log{};
    const auto receipt = log.append(made->record());
    const auto claimed = claimed::by_receipt(*std::move(made), receipt);
    REQUIRE(claimed);
    CHECK(claimed->what().nonce == some_nonce('1'));
    CHECK(claimed->by().key_id() == "op-1");
}

TEST_CASE("what is recorded is the expiry that was signed, whatever the skew of the verification")
{
    for (const auto skew : {0ms, 30'000ms, 86'400'000ms}) {
        auto memory = replay_memory{10};
        const auto made = propose_claim(timely_operation('1', skew), memory);
        REQUIRE(made);
        CHECK(made->record().text().find(R"("expires_at":1780315500000)") != std::string::npos);
    }
}

TEST_CASE("a nonce that was proposed is seen, though nothing was recorded")
{
    auto memory = replay_memory{10};
    REQUIRE(propose_claim(timely_operation('1'), memory));
    CHECK(propose_claim(timely_operation('1'), memory).error() == error{nonce_seen{std::string(32, '1')}});
}

TEST_CASE("an operation within the horizon is a replay, and the error tells both times")
{
    auto memory = replay_memory{10};
    memory.fold(horizon_record{.horizon = expiry});
    const auto made = propose_claim(timely_operation('1'), memory);
    REQUIRE_FALSE(made);
    CHECK(made.error() == error{within_horizon{.expires_at = expiry, .horizon = expiry}});
    CHECK(code(made.error()) == "replay");
    CHECK(stage_of(made.error()) == stage::nonce);
    CHECK(describe(made.error())
          == "the operation expires at 2026-06-01T12:05:00Z, and this host refuses all that expire up to "
             "2026-06-01T12:05:00Z since it no longer knows which of them were used: sign it anew with a later expiry");
}

TEST_CASE("a full memory, and one that could not record, have the code store")
{
    auto memory = replay_memory{1};
    REQUIRE(propose_claim(timely_operation('1'), memory));
    CHECK(propose_claim(timely_operation('2'), memory).error() == error{memory_full{.limit = 1}});
    CHECK(code(error{memory_full{.limit = 1}}) == "store");
    CHECK(code(error{claim_not_recorded{"read-only file system"}}) == "store");
    CHECK(describe(error{claim_not_recorded{"read-only file system"}})
          == "the nonce could not be recorded: read-only file system");
}

TEST_CASE("a receipt makes nothing claimed but what it was given for")
{
    auto memory = replay_memory{10};
    const auto log = open_log{};
    auto first = propose_claim(timely_operation('1'), memory);
    auto second = propose_claim(timely_operation('2'), memory);
    REQUIRE(first);
    REQUIRE(second);
    const auto of_ceiling = log.append(*to_payload(*first->ceiling()));
    const auto of_first = log.append(first->record());
    const auto foreign = error{claim_not_recorded{"the log's receipt is for another record"}};
    CHECK(claimed::by_receipt(claim{*std::move(first)}, of_ceiling).error() == foreign);
    CHECK(claimed::by_receipt(*std::move(second), of_first).error() == foreign);
}

TEST_CASE("each receipt of a batch covers its own payload only")
{
    const auto log = open_log{};
    auto payloads = std::vector<hash_chain::payload>{};
    auto receipts = std::vector<hash_chain::receipt>{};
    for (const auto digit : {'1', '2', '3'}) {
        payloads.push_back(*to_payload(claim_record{.nonce = std::string(32, digit), .expires_at = expiry}, {}));
        receipts.push_back(log.append(payloads.back()));
    }
    for (auto at = std::size_t{0}; at < receipts.size(); ++at) {
        for (auto other = std::size_t{0}; other < payloads.size(); ++other) {
            CHECK(receipts[at].covers(payloads[other]) == (at == other));
        }
    }
}
