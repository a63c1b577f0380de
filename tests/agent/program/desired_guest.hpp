// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/node/task.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <cstdint>
#include <initializer_list>
#include <string>

namespace felhom::testing {

/// A guest of a desired state.
class desired_guest {
public:
    explicit desired_guest(sim::guest_id vmid) : members_{{"vmid", vmid}} {}

    auto memory(std::int64_t mebibytes) -> desired_guest&
    {
        members_["spec"] = boost::json::object{{"memory", mebibytes}};
        return *this;
    }
    auto description(const std::string& text) -> desired_guest&
    {
        members_["description"] = text;
        return *this;
    }
    auto running() -> desired_guest&
    {
        members_["run_state"] = "running";
        return *this;
    }

    [[nodiscard]] auto text() const -> std::string { return boost::json::serialize(members_); }

private:
    boost::json::object members_;
};

/// These guests as they stand in a desired state.
[[nodiscard]] inline auto listed(std::initializer_list<desired_guest> guests) -> std::string
{
    auto text = std::string{};
    for (const auto& guest : guests) {
        text += (text.empty() ? "" : ",") + guest.text();
    }
    return text;
}

} // namespace felhom::testing
