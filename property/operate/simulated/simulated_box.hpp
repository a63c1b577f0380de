// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/engine/operation_io.hpp"
#include "support/simulated_agent.hpp"

#include <felhom/operate/procedures/take_in.hpp>

#include <functional>
#include <map>
#include <string>
#include <utility>

namespace felhom::testing {

/// A drop box of which each step is an effect of the agent's, and may be its last.
class simulated_box {
public:
    explicit simulated_box(simulated_agent& of) : agent_{of} {}

    std::map<std::string, std::string> dropped;
    std::map<std::string, std::string> taken;
    std::map<std::string, std::string> results;

    /// A step of the agent's.
    template <typename Step>
    auto step(const Step& made)
    {
        agent_.touch();
        auto came_of_it = made();
        agent_.touch();
        return came_of_it;
    }

private:
    simulated_agent& agent_;
};

/// Performs what taking bundles in asks for, in a simulated box.
struct simulated_inbox : agent::effect_interpreter {
    simulated_inbox(const agent::operation_io& world, simulated_box& files)
        : agent::effect_interpreter{world}, box{files}
    {
    }

    simulated_box& box;

    using agent::effect_interpreter::operator();

    [[nodiscard]] auto operator()(const operate::take_bundles& /*asked*/) const -> operate::take_bundles::answer
    {
        while (!box.dropped.empty()) {
            box.step([&] { return box.taken.insert(box.dropped.extract(box.dropped.begin())).inserted; });
        }
        auto all = operate::taken_bundles{};
        for (const auto& [name, text] : box.taken) {
            all.read.push_back({.source = name, .text = text});
        }
        return all;
    }
    [[nodiscard]] auto operator()(const operate::read_result& wanted) const -> operate::read_result::answer
    {
        const auto found = box.results.find(wanted.name);
        if (found == box.results.end()) {
            return tl::unexpected(operate::box_trouble{.what = "there is none", .may_pass = false});
        }
        return found->second;
    }
    [[nodiscard]] auto operator()(const operate::write_result& wanted) const -> operate::write_result::answer
    {
        box.step([&] { return box.results.try_emplace(wanted.name, wanted.text).second; });
        return {};
    }
    [[nodiscard]] auto operator()(const operate::let_bundle_go& wanted) const -> operate::let_bundle_go::answer
    {
        box.step([&] { return box.taken.erase(wanted.source); });
        return {};
    }
    [[nodiscard]] auto operator()(const operate::put_bundle_back& wanted) const -> operate::put_bundle_back::answer
    {
        return wanted.source;
    }
    [[nodiscard]] auto operator()(const operate::keep_newest_results& /*asked*/) const
        -> operate::keep_newest_results::answer
    {
        return {};
    }
};

} // namespace felhom::testing
