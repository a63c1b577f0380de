// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/files/descriptor.hpp"
#include "io/files/file_error.hpp"

#include <tl/expected.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::io {

/// A file that was taken out of the box, as it was read.
struct taken_file {
    std::string name;
    std::string text;

    friend auto operator==(const taken_file&, const taken_file&) -> bool = default;
};

struct box_load {
    std::size_t files = 0;
    std::uint64_t bytes = 0;

    friend auto operator==(const box_load&, const box_load&) -> bool = default;
};

/// A directory into which others put files by renaming them, and from which each is taken once: a file belongs to us
/// when it stands in `taken/`. What comes of it stands in `results/`.
class drop_box {
public:
    /// As much as a hub can send in one answer, so that a bundle that is too long for one is read, and refused, too.
    static constexpr auto largest_file = std::size_t{16} << 20U;

    /// Makes the directories where they are missing, and refuses them where others than their owner and root may write.
    [[nodiscard]] static auto open(const std::string& path) -> tl::expected<drop_box, file_error>;

    /// Takes every file that ends so, and reads it and those that were taken before. What is no regular file, or too
    /// large, is taken all the same and comes back as an error, in `refused`, by its name in `taken/`.
    [[nodiscard]] auto take(std::string_view ending, std::vector<std::pair<std::string, file_error>>& refused)
        -> tl::expected<std::vector<taken_file>, file_error>;

    /// Puts a file into `taken/` as if it had been dropped.
    [[nodiscard]] auto put(const std::string& name, std::string_view text) -> tl::expected<void, file_error>;

    /// How much stands in `taken/`.
    [[nodiscard]] auto load() const -> tl::expected<box_load, file_error>;

    /// The result of this name, if there is one.
    [[nodiscard]] auto stored_result(const std::string& name) const -> tl::expected<std::string, file_error>;

    /// Writes a result, durably, unless there is one of this name: the first one stays.
    [[nodiscard]] auto write_result(const std::string& name, std::string_view text) -> tl::expected<void, file_error>;

    /// Removes a file that was taken, once its result is written.
    [[nodiscard]] auto discard(const std::string& name) -> tl::expected<void, file_error>;

    /// Puts what was taken back into the box as NAME.refused, and answers its name there: it gets no result, and is its
    /// owner's.
    [[nodiscard]] auto put_back(const std::string& name) -> tl::expected<std::string, file_error>;

    /// The names of all results.
    [[nodiscard]] auto results() const -> tl::expected<std::vector<std::string>, file_error>;

    /// Removes the oldest of the results whose names begin so, until no more than `most` are left.
    [[nodiscard]] auto keep_newest_results(std::string_view beginning, std::size_t most)
        -> tl::expected<void, file_error>;

    /// Removes results that were written before a time, in seconds since 1970.
    [[nodiscard]] auto remove_results_before(std::int64_t time) -> tl::expected<void, file_error>;

private:
    drop_box(std::string path, file_descriptor box, file_descriptor taken, file_descriptor results)
        : path_{std::move(path)}, box_{std::move(box)}, taken_{std::move(taken)}, results_{std::move(results)}
    {
    }

    std::string path_;
    file_descriptor box_;
    file_descriptor taken_;
    file_descriptor results_;
};

} // namespace felhom::io
