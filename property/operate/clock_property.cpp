// SPDX-License-Identifier: Apache-2.0
#include "support/rapidcheck.hpp"

#include <felhom/authz/replay/replay_memory.hpp>
#include <felhom/operate/guard.hpp>
#include <felhom/operate/ledger.hpp>
#include <felhom/operate/operation/operation_record_json.hpp>

#include <array>
#include <chrono>
#include <string>
#include <vector>

using namespace felhom;
using namespace felhom::operate;
using namespace std::chrono_literals;

namespace {

constexpr auto longest_wait = std::chrono::hours{1};
constexpr auto day = std::chrono::hours{24};
const auto both_guests = std::array{*vmid::from_number(100), *vmid::from_number(101)};

auto rules() -> guard_policy
{
    return {.enforces = true, .most_failures = 3, .restarts_a_day = 2};
}

/// An agent's journal over a time in which somebody sets its clock, forward or back, by up to two years. `elapsed` is
/// the time that really goes by.
class agent_with_unsteady_clock {
public:
    void live_on()
    {
        elapsed_ += std::chrono::minutes{*rc::gen::inRange(0, 300)};
        switch (*rc::gen::inRange(0, 7)) {
        case 0:
            set_by_ += std::chrono::minutes{*rc::gen::inRange(-2 * 365 * 24 * 60, 2 * 365 * 24 * 60)};
            break;
        case 1:
            starts_anew();
            break;
        case 2:
            claim();
            break;
        default:
            act(*rc::gen::elementOf(both_guests));
        }
        pass();
        forget();
    }

    /// Time goes by, and passes are made.
    void wait(std::chrono::minutes time)
    {
        elapsed_ += time;
        pass();
    }

    [[nodiscard]] auto now() const -> instant { return instant{} + 1000000h + elapsed_ + set_by_; }
    [[nodiscard]] auto known() const -> const ledger& { return ledger_; }
    [[nodiscard]] auto memory() -> authz::replay_memory& { return memory_; }

    struct used {
        authz::nonce nonce;
        instant expires_at;
    };
    std::vector<used> claims;

private:
    void note(const operation_record& record)
    {
        ledger_.fold(record);
        records_.push_back(record);
    }

    /// The agent is started again, now and then with a new file of the journal.
    void starts_anew()
    {
        if (*rc::gen::arbitrary<bool>()) {
            records_ = ledger_.to_carry();
        }
        ledger_ = ledger{};
        for (const auto& record : records_) {
            ledger_.fold(record);
        }
    }

    void act(vmid guest)
    {
        const auto is_start = *rc::gen::arbitrary<bool>();
        const auto id = ledger_.next_id();
        note(operation_started{.id = id,
                               .at = now(),
                               .guest = guest,
                               .from = origin::reconcile,
                               .what = is_start ? operation{guest_start{}} : operation{guest_set_config{}},
                               .generation = 1});
        note(operation_ended{.id = id,
                             .at = now(),
                             .how = *rc::gen::element(ending::succeeded, ending::failed),
                             .detail = "no such bridge"});
    }

    void claim()
    {
        const auto id = ledger_.next_id();
        const auto text = std::string(29, 'a') + std::to_string(100 + number(id));
        const auto nonce = authz::nonce::parse(text);
        const auto expires_at = now() + 1h;
        if (!nonce || !memory_.admit(*nonce, expires_at)) {
            return; // beyond a horizon that was raised: refused, which is all that may happen
        }
        memory_.fold(authz::claim_record{.nonce = text, .expires_at = expires_at});
        claims.push_back({.nonce = *nonce, .expires_at = expires_at});
        note(operation_claimed{.id = id,
                               .at = now(),
                               .guest = both_guests.front(),
                               .what = guest_destroy{},
                               .nonce = text,
                               .expires_at = expires_at,
                               .blob = *sha256(text),
                               .signers = {"op-1"}});
        note(operation_ended{.id = id, .at = now(), .how = ending::succeeded});
    }

    void pass()
    {
        if (const auto noted = settle_clock(ledger_, now(), rules())) {
            note(*noted);
        }
        for (const auto& record : settle(ledger_, 1, now(), rules())) {
            note(record);
        }
    }

    void forget()
    {
        if (const auto horizon = memory_.to_forget(now(), 30s)) {
            memory_.fold(*horizon);
            static_cast<void>(memory_.drop_forgotten());
        }
    }

    std::chrono::minutes elapsed_{0};
    std::chrono::minutes set_by_{0};
    std::vector<operation_record> records_;
    ledger ledger_;
    authz::replay_memory memory_{1000};
};

void check_same_limits(const ledger& one, const ledger& other, instant now)
{
    RC_ASSERT(one.rows() == other.rows());
    RC_ASSERT(one.parked() == other.parked());
    for (const auto guest : both_guests) {
        RC_ASSERT(one.restart_times(guest, instant{}, now) == other.restart_times(guest, instant{}, now));
    }
}

auto after_some_time() -> agent_with_unsteady_clock
{
    auto agent = agent_with_unsteady_clock{};
    for (auto events = *rc::gen::inRange(0, 40); events > 0; --events) {
        agent.live_on();
    }
    return agent;
}

} // namespace

TEST_CASE("what a journal decides, whoever sets the clock and by how much")
{
    rc::prop("a guest waits after a failure no longer than after any other, and for a start no longer than a day", [] {
        auto agent = after_some_time();
        for (const auto guest : both_guests) {
            if (const auto why = operate::detail::hold_of_restart(guest, agent.known(), agent.now(), rules())) {
                RC_ASSERT(*next_try_of(*why) <= agent.now() + day);
            }
        }
        agent.wait(longest_wait);
        for (const auto guest : both_guests) {
            const auto why = operate::detail::hold_of_guest(guest, 1, agent.known(), agent.now(), rules());
            RC_ASSERT(!why || std::holds_alternative<held_as_parked>(*why));
        }
    });

    rc::prop("a guest that failed too often stays parked", [] {
        auto agent = after_some_time();
        const auto before = agent.known().parked();
        agent.wait(400 * day);
        for (const auto& [guest, parked] : before) {
            RC_ASSERT(agent.known().parked().contains(guest));
        }
    });

    rc::prop("a claimed nonce is never taken again, and its operation is found by what was signed", [] {
        auto agent = after_some_time();
        for (const auto& one : agent.claims) {
            RC_ASSERT(!agent.memory().admit(one.nonce, one.expires_at));
            RC_ASSERT(agent.known().find(*sha256(one.nonce.text())) != nullptr);
        }
    });

    rc::prop("a new file of the journal adds up to the same waits and limits", [] {
        const auto agent = after_some_time();
        auto known = agent.known();
        auto anew = ledger{};
        for (const auto& record : agent.known().to_carry()) {
            const auto text = to_payload(record);
            RC_ASSERT(text.has_value());
            anew.fold(*parse_operation_record(text->text()));
        }
        check_same_limits(anew, known, agent.now());
        const auto later = agent.now() + std::chrono::minutes{*rc::gen::inRange(-2 * 365 * 24 * 60, 2 * 365 * 24 * 60)};
        for (auto* const one : {&anew, &known}) {
            if (const auto noted = settle_clock(*one, later, rules())) {
                one->fold(*noted);
            }
        }
        check_same_limits(anew, known, later);
    });
}

TEST_CASE("a start counts against its day though the clock is set back meanwhile")
{
    rc::prop("starts of the last day", [] {
        auto past = ledger{};
        auto now = instant{} + 1000000h;
        auto recent = std::size_t{0};
        auto left = std::chrono::minutes{day};
        while (left > 0min) {
            const auto pause = std::chrono::minutes{*rc::gen::inRange(1, 200)};
            left -= pause;
            now += pause - std::chrono::minutes{*rc::gen::element(0, 0, 0, 90, 500000)}; // set back, now and then
            if (const auto noted = settle_clock(past, now, rules())) {
                past.fold(*noted);
            }
            if (left > 0min) {
                past.fold(operation_started{.id = past.next_id(),
                                            .at = now,
                                            .guest = both_guests.front(),
                                            .from = origin::reconcile,
                                            .what = guest_start{},
                                            .generation = 1});
                ++recent;
            } else {
                now += left; // the day is over to the minute
            }
        }
        RC_ASSERT(past.restarts_since(both_guests.front(), now - day, now) == recent);
    });
}
