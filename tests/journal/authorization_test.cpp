// SPDX-License-Identifier: Apache-2.0
#include "io/journal/journal.hpp"
#include "operate/signing.hpp"
#include "support/catch.hpp"
#include "support/simulated_disk.hpp"

#include <felhom/operate/gate/gate.hpp>
#include <felhom/operate/operation/operation_record_json.hpp>

#include <memory>
#include <string>
#include <utility>

namespace authorization_tests {

using namespace felhom;
using namespace felhom::operate;
using felhom::testing::gate_here;
using felhom::testing::noon;
using felhom::testing::operation_builder;
using felhom::testing::operator_key;
using felhom::testing::quiet_noon;

namespace {

/// A stop of guest 101 that has passed the gate.
auto admitted_stop() -> admitted
{
    auto heard = gate::examine(operation_builder{"guest.stop", 101}.signed_by(operator_key), quiet_noon(), gate_here());
    REQUIRE(heard.has_value());
    auto passed =
        gate::admit(*std::move(heard),
                    {.guest = present_guest{
                         .power = proxmox::power_state::running,
                         .lock = std::nullopt,
                         .config = {.entries = {}, .digest = *proxmox::config_digest::parse(std::string(40, '0'))}}});
    REQUIRE(passed.has_value());
    return *std::move(passed);
}

/// The journal's receipts for the record of a claim and for the one that came before it.
struct two_receipts {
    hash_chain::payload of_claim;
    hash_chain::receipt for_claim;
    hash_chain::receipt for_another;
};

auto receipts_of(const operation_claimed& claim) -> two_receipts
{
    static constexpr auto path = "/var/lib/felhom-agent/journal.log";
    auto disk = tests::simulated_disk{1};
    REQUIRE(io::journal::create(disk.calls(), path, "the test").has_value());
    const auto opened = io::journal::open(disk.calls(), path, "the test");
    REQUIRE(opened.has_value());
    const auto another = (*opened)->append(remark{.at = noon, .what = "something else", .by = "somebody"});
    const auto record = to_payload(claim);
    REQUIRE(another.has_value());
    REQUIRE(record.has_value());
    const auto receipt = (*opened)->claim(claim.nonce, claim.expires_at, *record);
    REQUIRE(receipt.has_value());
    return {.of_claim = *record, .for_claim = *receipt, .for_another = *another};
}

} // namespace

TEST_CASE("an operation is authorized by the receipt of the record that took its nonce")
{
    auto passed = admitted_stop();
    const auto receipts = receipts_of(passed.claim(operation_id{1}, noon));
    CHECK(authorization::by_receipt(std::move(passed), receipts.of_claim, receipts.for_claim).has_value());
}

TEST_CASE("the receipt of any other record authorizes nothing")
{
    auto passed = admitted_stop();
    const auto receipts = receipts_of(passed.claim(operation_id{1}, noon));
    CHECK_FALSE(authorization::by_receipt(std::move(passed), receipts.of_claim, receipts.for_another).has_value());
}

} // namespace authorization_tests
