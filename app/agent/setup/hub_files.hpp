// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/files/file_error.hpp"

#include <felhom/core/json/error.hpp>
#include <felhom/hub/envelope.hpp>
#include <felhom/hub/generation_mark.hpp>
#include <felhom/hub/kept_desired.hpp>

#include <tl/expected.hpp>

#include <optional>
#include <string>

namespace felhom::agent {

/// Why something that is kept of the hub cannot be had: one line.
using hub_file_error = std::string;

template <typename T>
using hub_kept = tl::expected<std::optional<T>, hub_file_error>;

/// What is kept of the hub over a restart, in the state directory. What is there and cannot be read is an error, never
/// nothing.
class hub_files {
public:
    explicit hub_files(std::string state_directory) : directory_{std::move(state_directory)} {}

    [[nodiscard]] auto envelope() const -> hub_kept<hub::kept_envelope>;
    [[nodiscard]] auto desired() const -> hub_kept<hub::desired_document>;
    [[nodiscard]] auto mark() const -> hub_kept<hub::generation_mark>;

    [[nodiscard]] auto keep(const hub::kept_envelope& envelope) const -> tl::expected<void, hub_file_error>;

    [[nodiscard]] auto keep(const hub::desired_document& document) const -> tl::expected<void, hub_file_error>;

    /// Nothing is kept where the mark is not the one any more by which the new one was judged: it was reset meanwhile.
    [[nodiscard]] auto raise(const hub::generation_mark& mark,
                             const std::optional<hub::generation_mark>& judged_by) const
        -> tl::expected<void, hub_file_error>;

    /// From now on the host takes any generation.
    [[nodiscard]] auto forget_floor() const -> tl::expected<void, hub_file_error>;

    /// Whether the hub has blocked all changes. An envelope that cannot be read blocks, too.
    [[nodiscard]] auto is_blocked() const -> bool;

private:
    [[nodiscard]] auto write(const std::string& name, std::string_view text) const
        -> tl::expected<void, hub_file_error>;

    std::string directory_;
};

} // namespace felhom::agent
