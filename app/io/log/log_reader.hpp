#pragma once

#include "io/log/log_file.hpp"

#include <felhom/durable/scanner.hpp>

#include <functional>

namespace felhom::io {

using record_reader = std::function<void(const durable::record&)>;

/// Reads a log from front to back through one buffer, and says where and how it ends. Takes no lock: what a running
/// writer is about to write may show as a torn tail.
[[nodiscard]] auto read_log(const disk& on, const std::filesystem::path& path, const durable::log_kind& kind,
                            const record_reader& on_record) -> log_result<durable::recovered>;

} // namespace felhom::io
