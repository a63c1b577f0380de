// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/journal/log_file.hpp"

#include <felhom/hash_chain/scanner.hpp>

#include <functional>

namespace felhom::io {

using record_reader = std::function<void(const hash_chain::record&)>;

/// Reads a log from front to back through one buffer, and says where and how it ends. Takes no lock: what a running
/// writer is about to write may show as a torn tail.
[[nodiscard]] auto read_log(const disk& on, const std::filesystem::path& path, const hash_chain::log_kind& kind,
                            const record_reader& on_record) -> log_result<hash_chain::recovered>;

} // namespace felhom::io
