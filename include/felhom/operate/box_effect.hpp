// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/operate/procedures/inbox.hpp>

#include <tl/expected.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What may be asked of the drop box: bundles are taken out of it, and their results put beside it.
namespace felhom::operate {

/// Why a file of the box cannot be had, or not be written.
struct box_trouble {
    std::string what;
    bool may_pass; ///< by itself

    friend auto operator==(const box_trouble&, const box_trouble&) -> bool = default;
};

/// What was taken and could not be read.
struct unread_bundle {
    std::string source;
    box_trouble why;
};

/// Everything that is taken now, also what was taken before and has no result yet.
struct taken_bundles {
    std::vector<submitted_bundle> read;
    std::vector<unread_bundle> unread;
};

/// Takes what was dropped.
struct take_bundles {
    using answer = tl::expected<taken_bundles, box_trouble>;
};

/// The result of a name.
struct read_result {
    using answer = tl::expected<std::string, box_trouble>;

    explicit read_result(std::string wanted) : name{std::move(wanted)} {}

    std::string name;
};

/// Writes a result, durably, unless there is one of this name: the first one stays.
struct write_result {
    using answer = tl::expected<void, box_trouble>;

    write_result(std::string under, std::string written) : name{std::move(under)}, text{std::move(written)} {}

    std::string name;
    std::string text;
};

/// Removes a bundle that was taken.
struct let_bundle_go {
    using answer = tl::expected<void, box_trouble>;

    explicit let_bundle_go(std::string file) : source{std::move(file)} {}

    std::string source;
};

/// Gives what was taken back to its owner, and tells under which name.
struct put_bundle_back {
    using answer = tl::expected<std::string, box_trouble>;

    explicit put_bundle_back(std::string file) : source{std::move(file)} {}

    std::string source;
};

/// Removes the oldest of the results whose names begin so.
struct keep_newest_results {
    using answer = tl::expected<void, box_trouble>;

    std::string_view beginning;
    std::size_t most;
};

} // namespace felhom::operate
