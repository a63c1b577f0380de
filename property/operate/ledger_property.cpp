// SPDX-License-Identifier: Apache-2.0
#include "support/rapidcheck.hpp"

#include <felhom/operate/ledger.hpp>
#include <felhom/operate/operation/operation_record_json.hpp>

using namespace felhom;
using namespace felhom::operate;

namespace {

const auto noon = *parse_instant("2026-06-01T12:00:00Z");

auto guest() -> vmid
{
    return *vmid::from_number(*rc::gen::inRange(100U, 103U));
}
auto blob() -> sha256_digest
{
    return *sha256(std::to_string(*rc::gen::inRange(0, 3)));
}
auto reason() -> std::string
{
    return *rc::gen::element<std::string>("locked", "no privilege", "\xc3\xa9\n\"");
}

/// A journal's records in an order in which they could have been written.
class history {
public:
    auto records(int count) -> std::vector<operation_record>
    {
        auto all = std::vector<operation_record>{};
        for (auto index = 0; index < count; ++index) {
            now_ += std::chrono::minutes{*rc::gen::inRange(0, 200)};
            all.push_back(next());
        }
        return all;
    }

    [[nodiscard]] auto now() const -> instant { return now_; }

private:
    auto next() -> operation_record
    {
        const auto some = operation_id{*rc::gen::inRange<std::uint64_t>(1, last_ + 2)};
        switch (*rc::gen::inRange(0, 11)) {
        case 0:
        case 1:
        case 2:
            return operation_started{.id = operation_id{++last_},
                                     .at = now_,
                                     .guest = guest(),
                                     .from = *rc::gen::element(origin::reconcile, origin::selftest),
                                     .what = *rc::gen::element<operation>(guest_start{}, guest_set_config{}),
                                     .generation = *rc::gen::inRange<std::uint64_t>(1, 3)};
        case 3:
            return operation_claimed{.id = operation_id{++last_},
                                     .at = now_,
                                     .guest = guest(),
                                     .what = guest_destroy{},
                                     .nonce = std::string(32, "0123456789abcdef"[last_ % 16]),
                                     .expires_at = now_ + std::chrono::minutes{*rc::gen::inRange(1, 1000)},
                                     .blob = blob(),
                                     .signers = {"op-1"}};
        case 4:
            return operation_task{
                .id = some,
                .at = now_,
                .task = *proxmox::upid::parse("UPID:pve1:0000C350:00A1B2C3:6A1D8A40:vzstart:101:felhom@pve!agent:")};
        case 5:
        case 6:
            return operation_ended{.id = some,
                                   .at = now_,
                                   .how = *rc::gen::element(ending::succeeded, ending::failed, ending::unknown),
                                   .detail = reason()};
        case 7:
            return operation_acknowledged{.id = some, .at = now_, .by = "root"};
        case 8:
            return guest_parked{.guest = guest(), .at = now_, .generation = 1, .reason = reason()};
        case 9:
            return guest_released{.guest = guest(), .at = now_, .by = "root"};
        default:
            return signature_counted{.at = now_,
                                     .blob = blob(),
                                     .expires_at = now_ + std::chrono::minutes{*rc::gen::inRange(1, 1000)},
                                     .signer = *rc::gen::element<std::string>("a", "b"),
                                     .key_id = "k"};
        }
    }

    instant now_ = noon;
    std::uint64_t last_ = 0;
};

auto folded(const std::vector<operation_record>& records) -> ledger
{
    auto made = ledger{{.most_ended = 8}};
    for (const auto& record : records) {
        made.fold(record);
    }
    return made;
}

} // namespace

TEST_CASE("laws of the ledger")
{
    rc::prop("a new file that begins with what is carried over adds up to the same", [] {
        auto past = history{};
        const auto before = folded(past.records(*rc::gen::inRange(0, 60)));
        const auto after = folded(before.to_carry());
        for (const auto& [id, state] : after.operations()) {
            RC_ASSERT(before.find(id) != nullptr);
            RC_ASSERT(*before.find(id) == state);
        }
        // Only what decides nothing any more may be forgotten on the way.
        for (const auto& [id, state] : before.operations()) {
            const auto may_come_again = state.claim && state.claim->expires_at > past.now();
            RC_ASSERT(after.find(id) != nullptr || !(state.in_flight() || state.is_open_question() || may_come_again));
        }
        RC_ASSERT(after.parked() == before.parked());
        for (auto id = 100U; id < 103U; ++id) {
            const auto guest_id = *vmid::from_number(id);
            RC_ASSERT(after.failures(guest_id).times == before.failures(guest_id).times);
            RC_ASSERT(after.failures(guest_id).reason == before.failures(guest_id).reason);
        }
        for (auto index = 0; index < 3; ++index) {
            const auto hash = *sha256(std::to_string(index));
            RC_ASSERT(after.signatures(hash) == before.signatures(hash));
        }
        RC_ASSERT(after.operations().empty() || after.next_id() == before.next_id());
    });

    rc::prop("folding a record twice is as folding it once", [] {
        const auto records = history{}.records(*rc::gen::inRange(0, 40));
        auto twice = ledger{{.most_ended = 8}};
        for (const auto& record : records) {
            const auto counts_up = std::holds_alternative<guest_released>(record);
            twice.fold(record);
            if (!counts_up) {
                twice.fold(record);
            }
        }
        RC_ASSERT(twice == folded(records));
    });

    rc::prop("every record reads back from its text", [] {
        for (const auto& record : history{}.records(*rc::gen::inRange(0, 20))) {
            const auto text = to_payload(record);
            RC_ASSERT(text.has_value());
            RC_ASSERT(parse_operation_record(text->text()) == record);
        }
    });
}
