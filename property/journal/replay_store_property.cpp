// SPDX-License-Identifier: Apache-2.0
#include "io/journal/replay_store.hpp"
#include "support/rapidcheck.hpp"
#include "support/simulated_disk.hpp"

#include <array>
#include <iostream>

namespace replay_store_properties {

using namespace felhom::io; // NOLINT(google-build-using-namespace): the vocabulary under test
using felhom::instant;
using felhom::authz::nonce;
using felhom::tests::fault;
using felhom::tests::simulated_disk;
using namespace std::chrono_literals;

namespace {

enum class event : std::uint8_t { claim, restart, power_cut, failing_disk, prune, step_clock };

struct step {
    event what;
    unsigned which; ///< the operation, the fault, the call that fails, or the step of the clock

    friend auto operator<<(std::ostream& out, const step& one) -> std::ostream&
    {
        static constexpr auto names = std::array{"claim", "restart", "power cut", "failing disk", "prune", "clock"};
        return out << names[static_cast<std::size_t>(one.what)] << ' ' << one.which;
    }
};

auto steps() -> rc::Gen<std::vector<step>>
{
    const auto what = rc::gen::weightedElement<event>({{8, event::claim},
                                                       {1, event::restart},
                                                       {1, event::power_cut},
                                                       {2, event::failing_disk},
                                                       {3, event::prune},
                                                       {2, event::step_clock}});
    return rc::gen::container<std::vector<step>>(rc::gen::apply(
        [](event e, unsigned which) { return step{.what = e, .which = which}; }, what, rc::gen::inRange(0U, 40U)));
}

const auto path = std::filesystem::path{"/var/lib/felhom/replay.log"};
constexpr auto noon = instant{std::chrono::seconds{1'800'000'000}};
constexpr auto operations = 8U;

/// A host with its store, its disk and its clock. Operations are few, so that each is tried again and again.
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
        case event::restart:
            store_.reset();
            break;
        case event::power_cut:
            disk_.cut_power();
            store_.reset();
            disk_.power_on();
            break;
        case event::failing_disk:
            disk_.plan(one.which % 7, felhom::tests::every_fault[one.which % felhom::tests::every_fault.size()]);
            break;
        case event::prune:
            if (open()) {
                static_cast<void>(store_->prune(now_, 30s));
            }
            break;
        case event::step_clock:
            now_ = noon + (static_cast<int>(one.which) - 20) * 1h;
            break;
        }
    }

    /// A machine that is well again opens its store, whatever happened before.
    void recover()
    {
        disk_.cut_power();
        store_.reset();
        disk_.power_on();
        RC_ASSERT(open());
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

    void claim(unsigned which)
    {
        if (!open()) {
            return;
        }
        const auto id = *nonce::parse(std::string(31, 'a') + static_cast<char>('0' + which));
        const auto accepted = store_->claim(id, noon + (static_cast<int>(which) - 3) * 2h).has_value();
        if (accepted) {
            RC_ASSERT(!accepted_[which]);
            accepted_[which] = true;
        }
    }

    simulated_disk disk_;
    std::unique_ptr<replay_store> store_;
    instant now_ = noon;
    std::array<bool, operations> accepted_{};
};

} // namespace

TEST_CASE("the replay store")
{
    rc::prop("accepts a nonce at most once, over restarts, crashes, faults, pruning and steps of the clock", [] {
        auto simulated = host{*rc::gen::arbitrary<std::uint32_t>()};
        for (const auto& one : *steps()) {
            simulated.live(one);
        }
        simulated.recover();
    });
}

} // namespace replay_store_properties
