#pragma once

#include "agent/engine/operation_io.hpp"
#include "io/files/drop_box.hpp"

#include <felhom/operate/inbox.hpp>
#include <felhom/operate/operating_rules.hpp>

#include <tl/expected.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace felhom::agent {

/// What came of the bundles in the drop box.
struct intake_report {
    std::vector<operate::signed_result> answers;
    std::vector<std::string> troubles; ///< files that could not be read, or not be let go
};

/// Carries out what was dropped, as far as the gate lets it, and writes the results. What waits stays taken, and is
/// looked at again at the next call; what has a result already is answered with it. `only`: of the operations, the one
/// with that hash; the others stay for the next call.
[[nodiscard]] auto take_in(const operation_io& in, const operate::operating_rules& rules, io::drop_box& box,
                           const std::optional<sha256_digest>& only = std::nullopt)
    -> tl::expected<intake_report, io::file_error>;

/// The ending of the files that are taken.
inline constexpr auto bundle_ending = std::string_view{".bundle"};

} // namespace felhom::agent
