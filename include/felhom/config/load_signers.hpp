// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/signers/signers.hpp>
#include <felhom/config/error.hpp>
#include <felhom/config/layered.hpp>
#include <felhom/config/settings.hpp>
#include <felhom/core/contains.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

namespace felhom::config {

/// The signers of the configuration with their keys imported and examined, once. One key that is refused refuses them
/// all.
[[nodiscard]] inline auto load_signers(const layered& from) -> tl::expected<authz::signers, config_errors>
{
    static constexpr auto configured = key<std::vector<signer_entry>>{"authz.signers"};
    const auto* const entries = from.find(configured);
    if (entries == nullptr) {
        return tl::unexpected(config_errors{missing_value{.path = "authz.signers", .alternative = {}}});
    }
    return authz::signers::load(*entries).map_error([&](const authz::signers_error& error) {
        return config_errors{bad_value{.path = "authz.signers[" + std::to_string(error.index) + "].authorized_key",
                                       .from = from.origin_of(configured),
                                       .expected = error.what.field + " at byte " + std::to_string(error.what.offset)
                                                   + " to be " + error.what.expected,
                                       .got = error.what.got}};
    });
}

/// Everything that is wrong with the settings of these parts: the values as `check` finds them, and the signers' keys
/// as they are imported.
[[nodiscard]] inline auto check_with_signers(const layered& from, part parts) -> config_errors
{
    auto wrong = check(from, parts);
    const auto signers = load_signers(from);
    if (includes(parts, part::authz) && !signers) {
        // A list that is missing is among them already.
        std::ranges::copy_if(signers.error(), std::back_inserter(wrong),
                             [&](const config_error& error) { return !contains(wrong, error); });
    }
    return wrong;
}

} // namespace felhom::config
