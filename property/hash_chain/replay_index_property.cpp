// SPDX-License-Identifier: Apache-2.0
#include "support/rapidcheck.hpp"

#include <felhom/authz/replay/replay_index.hpp>

#include <map>
#include <string>

using felhom::authz::replay_index;

TEST_CASE("the index of nonces")
{
    rc::prop("answers like a map from nonces to times, however it grows and forgets", [] {
        auto index = replay_index{};
        auto model = std::map<std::string, replay_index::seconds>{};
        const auto bursts = *rc::gen::inRange(1, 6);
        for (auto burst = 0; burst < bursts; ++burst) {
            const auto first = *rc::gen::inRange(0, 500);
            const auto count = *rc::gen::inRange(0, 400);
            for (auto number = first; number < first + count; ++number) {
                const auto until = static_cast<replay_index::seconds>(number % 50 + 1);
                RC_ASSERT(index.insert(std::to_string(number), until)
                          == model.emplace(std::to_string(number), until).second);
            }
            if (*rc::gen::arbitrary<bool>()) {
                const auto last = *rc::gen::inRange<replay_index::seconds>(0, 52);
                index.erase_until(last);
                std::erase_if(model, [&](const auto& one) { return one.second <= last; });
            }
            if (*rc::gen::arbitrary<bool>()) {
                index.reserve(*rc::gen::inRange<std::size_t>(0, 2000));
            }
            const auto limit = *rc::gen::inRange<replay_index::seconds>(0, 52);
            auto latest = replay_index::seconds{0};
            for (const auto& [nonce, until] : model) {
                latest = until < limit ? std::max(latest, until) : latest;
            }
            RC_ASSERT(index.size() == model.size());
            RC_ASSERT(index.latest_before(limit) == latest);
            for (auto number = 0; number < 1000; number += 7) {
                RC_ASSERT(index.contains(std::to_string(number)) == model.contains(std::to_string(number)));
            }
        }
    });
}
