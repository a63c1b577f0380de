// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/hub/desired_status.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <vector>

namespace felhom::hub {

/// What of a desired state is not done here, as commands print it; null for what concerns no one guest or key.
[[nodiscard]] inline auto to_json(const std::vector<reported_refusal>& refused) -> boost::json::array
{
    auto all = boost::json::array{};
    for (const auto& one : refused) {
        all.push_back(boost::json::object{
            {"guest", one.guest ? boost::json::value(one.guest->number()) : boost::json::value(nullptr)},
            {"key", one.key ? boost::json::value(*one.key) : boost::json::value(nullptr)},
            {"code", one.code},
            {"detail", one.detail}});
    }
    return all;
}

} // namespace felhom::hub
