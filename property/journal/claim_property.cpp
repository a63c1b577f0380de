// SPDX-License-Identifier: Apache-2.0
#include "authz/support/test_key.hpp"
#include "io/journal/replay_store.hpp"
#include "support/rapidcheck.hpp"
#include "support/simulated_disk.hpp"

#include <felhom/authz/error.hpp>
#include <felhom/authz/operation/write_operation.hpp>
#include <felhom/authz/pipeline.hpp>

#include <algorithm>
#include <array>
#include <iostream>
#include <string>
#include <vector>

using namespace felhom;     // NOLINT(google-build-using-namespace): the vocabulary under test
using namespace felhom::io; // NOLINT(google-build-using-namespace): the vocabulary under test
using felhom::tests::simulated_disk;
using namespace std::chrono_literals;

namespace {

enum class event : std::uint8_t {
    claim,
    gate_refuses,
    restart,
    power_cut,
    failing_disk,
    spoilt_end,
    prune,
    clock_goes_on,
    clock_steps,
    other_skew,
};

struct step {
    event what;
    unsigned which; ///< the operation, the fault, the time, or the skew

    friend auto operator<<(std::ostream& out, const step& one) -> std::ostream&
    {
        static constexpr auto names = std::array{"claim",      "gate refuses", "restart", "power cut",   "failing disk",
                                                 "spoilt end", "prune",        "clock",   "clock steps", "skew"};
        return out << names[static_cast<std::size_t>(one.what)] << ' ' << one.which;
    }
};

auto steps() -> rc::Gen<std::vector<step>>
{
    const auto what = rc::gen::weightedElement<event>({{12, event::claim},
                                                       {2, event::gate_refuses},
                                                       {3, event::restart},
                                                       {1, event::power_cut},
                                                       {1, event::failing_disk},
                                                       {1, event::spoilt_end},
                                                       {4, event::prune},
                                                       {4, event::clock_goes_on},
                                                       {1, event::clock_steps},
                                                       {1, event::other_skew}});
    return rc::gen::scale(0.6, rc::gen::container<std::vector<step>>(rc::gen::apply(
                                   [](event e, unsigned which) { return step{.what = e, .which = which}; }, what,
                                   rc::gen::inRange(0U, 40U))));
}

const auto path = std::filesystem::path{"/var/lib/felhom-agent/nonces"};
constexpr auto noon = instant{std::chrono::seconds{1'800'000'000}};
constexpr auto operations = 8U;

/// The operation of a number, as it was signed. Few, so that each is tried again and again.
struct signed_operation {
    std::string blob;
    std::string armor;
    instant expires_at;
};

auto operators_key() -> const authz::test_key&
{
    static const auto key = authz::test_key{authz::key_kind::ed25519};
    return key;
}

auto sign(unsigned number, instant expires_at) -> signed_operation
{
    const auto digits = std::to_string(number);
    auto blob = *authz::write_operation({.op = "guest.destroy",
                                         .host_id = "host-a",
                                         .guest_id = *vmid::parse("101"),
                                         .params = {},
                                         .nonce = *authz::nonce::parse(std::string(32 - digits.size(), 'a') + digits),
                                         .not_before = expires_at - 20h,
                                         .expires_at = expires_at,
                                         .key_id = ""});
    auto armor = authz::sign_message(operators_key(), blob);
    return {.blob = std::move(blob), .armor = std::move(armor), .expires_at = expires_at};
}

auto operation_number(unsigned number) -> const signed_operation&
{
    static const auto all = [] {
        auto made = std::vector<signed_operation>{};
        for (auto which = 0U; which < operations; ++which) {
            made.push_back(sign(which, noon + (static_cast<int>(which) - 3) * 2h));
        }
        return made;
    }();
    return all[number];
}

/// A host with its signers, its store, its disk and its clock.
class host {
public:
    explicit host(std::uint32_t seed) : disk_{seed}
    {
        RC_ASSERT(replay_store::create(disk_.calls(), path, "the test", options));
    }

    void live(const step& one)
    {
        switch (one.what) {
        case event::claim:
            claim(one.which % operations);
            break;
        case event::gate_refuses:
            refuse(one.which % operations);
            break;
        case event::restart:
            store_.reset();
            break;
        case event::power_cut:
            cut_power();
            break;
        case event::failing_disk:
            disk_.plan(one.which % 7, tests::every_fault[one.which % tests::every_fault.size()]);
            disturbed_ = true;
            break;
        case event::spoilt_end:
            spoil_end();
            break;
        case event::prune:
            if (open()) {
                static_cast<void>(store_->prune(now_, skew_));
            }
            break;
        case event::clock_goes_on:
            now_ += one.which * 10min;
            break;
        case event::clock_steps:
            now_ = noon + (static_cast<int>(one.which) - 20) * 1h;
            disturbed_ = true;
            break;
        case event::other_skew:
            skew_ = std::array{0ms, 30'000ms, 3'600'000ms, 86'400'000ms}[one.which % 4];
            disturbed_ = true;
            break;
        }
    }

    /// A machine that is well again opens its store, whatever happened before, and goes on.
    void recover()
    {
        cut_power();
        RC_ASSERT(open());
        now_ = noon;
        const auto beyond = std::max(noon, store_->horizon().value_or(noon)) + 1h;
        const auto fresh = sign(operations, beyond);
        now_ = beyond - 1h;
        auto passed = verified(fresh);
        RC_ASSERT(passed.has_value());
        RC_ASSERT(store_->claim(*std::move(passed)).has_value());
    }

private:
    static constexpr auto options =
        replay_options{.most_nonces = 100, .rotated_from = 1500, .log = {.filled_ahead = 512}};

    auto open() -> bool
    {
        if (!store_) {
            auto opened = replay_store::open(disk_.calls(), path, "the test", options);
            if (opened) {
                store_ = *std::move(opened);
            }
        }
        return store_ != nullptr;
    }

    void cut_power()
    {
        disk_.cut_power();
        store_.reset();
        disk_.power_on();
        disturbed_ = true;
    }

    /// As a disk does that loses what it acknowledged. Nothing stands in a store whose last line is its header.
    void spoil_end()
    {
        store_.reset();
        disk_.tamper(path, [](std::string& bytes) {
            const auto end = bytes.find_last_not_of('\0');
            if (std::count(bytes.begin(), bytes.end(), '\n') > 1) {
                bytes[end - 30] = static_cast<char>(bytes[end - 30] ^ 1);
            }
        });
        disturbed_ = true;
    }

    [[nodiscard]] auto verified(const signed_operation& op) const -> tl::expected<authz::timely, authz::error>
    {
        static const auto listed = *authz::signers::load(
            {{.authorized_key = operators_key().line(), .tag = authz::signer_tag::operational, .key_id = "op-1"}});
        return authz::verify({.armor = op.armor, .blob = op.blob}, listed, *host_id::parse("host-a"), now_,
                             {.skew = skew_});
    }

    void claim(unsigned which)
    {
        if (!open()) {
            RC_ASSERT(disturbed_);
            return;
        }
        const auto& op = operation_number(which);
        auto passed = verified(op);
        if (!passed) {
            return;
        }
        const auto horizon = store_->horizon();
        const auto claimed = store_->claim(*std::move(passed));
        // Nothing that goes by itself, neither time nor restarts nor pruning, refuses an operation for the first time.
        RC_ASSERT(!(claimed.has_value() && claimed_[which]));
        RC_ASSERT((claimed.has_value() || tried_[which] || disturbed_));
        if (!claimed && authz::code(claimed.error()) == "replay") {
            const auto is_covered = horizon && op.expires_at <= *horizon;
            RC_ASSERT(tried_[which] || is_covered);
        }
        tried_[which] = true;
        claimed_[which] = claimed_[which] || claimed.has_value();
    }

    /// Verified, and then refused by what a caller asks before stage 9.
    void refuse(unsigned which)
    {
        if (!open()) {
            return;
        }
        const auto before = store_->size();
        static_cast<void>(verified(operation_number(which)));
        RC_ASSERT(store_->size() == before);
    }

    simulated_disk disk_;
    std::unique_ptr<replay_store> store_;
    instant now_ = noon - 10h;
    std::chrono::milliseconds skew_ = 30s;
    bool disturbed_ = false;
    std::array<bool, operations> tried_{};
    std::array<bool, operations> claimed_{};
};

} // namespace

TEST_CASE("signed operations on a host")
{
    rc::prop(
        "each is claimed at most once, over restarts, crashes, spoilt ends, faults, pruning, steps of the clock and "
        "changes of the skew; and the first timely claim on a healthy disk is granted",
        [] {
            auto simulated = host{*rc::gen::arbitrary<std::uint32_t>()};
            for (const auto& one : *steps()) {
                simulated.live(one);
            }
            simulated.recover();
        });
}
