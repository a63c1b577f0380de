// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/engine/operation_io.hpp"
#include "io/files/drop_box.hpp"

#include <felhom/operate/procedures/take_in.hpp>

#include <string>
#include <utility>
#include <vector>

namespace felhom::agent {

/// Performs what taking bundles in asks for, with a drop box on the disk.
struct inbox_interpreter : effect_interpreter {
    inbox_interpreter(const operation_io& world, io::drop_box& files) : effect_interpreter{world}, box{files} {}

    io::drop_box& box;

    [[nodiscard]] static auto trouble_of(const io::file_error& error) -> operate::box_trouble
    {
        return {.what = describe(error), .may_pass = may_pass(error)};
    }

    using effect_interpreter::operator();

    [[nodiscard]] auto operator()(const operate::take_bundles& /*asked*/) const -> operate::take_bundles::answer
    {
        auto unread = std::vector<std::pair<std::string, io::file_error>>{};
        auto files = box.take(operate::bundle_ending, unread);
        if (!files) {
            return tl::unexpected(trouble_of(files.error()));
        }
        auto taken = operate::taken_bundles{};
        for (auto& [name, text] : *files) {
            taken.read.push_back({.source = std::move(name), .text = std::move(text)});
        }
        for (auto& [name, error] : unread) {
            taken.unread.push_back({.source = std::move(name), .why = trouble_of(error)});
        }
        return taken;
    }
    [[nodiscard]] auto operator()(const operate::read_result& wanted) const -> operate::read_result::answer
    {
        return box.stored_result(wanted.name).map_error(trouble_of);
    }
    [[nodiscard]] auto operator()(const operate::write_result& wanted) const -> operate::write_result::answer
    {
        return box.write_result(wanted.name, wanted.text).map_error(trouble_of);
    }
    [[nodiscard]] auto operator()(const operate::let_bundle_go& wanted) const -> operate::let_bundle_go::answer
    {
        return box.discard(wanted.source).map_error(trouble_of);
    }
    [[nodiscard]] auto operator()(const operate::put_bundle_back& wanted) const -> operate::put_bundle_back::answer
    {
        return box.put_back(wanted.source).map_error(trouble_of);
    }
    [[nodiscard]] auto operator()(const operate::keep_newest_results& wanted) const
        -> operate::keep_newest_results::answer
    {
        return box.keep_newest_results(wanted.beginning, wanted.most).map_error(trouble_of);
    }
};

} // namespace felhom::agent
