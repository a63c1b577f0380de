// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/file_policy.hpp>

#include <cstddef>
#include <string>
#include <variant>

namespace felhom::io {

/// There is nothing of this name.
struct file_missing {
    std::string path;

    friend auto operator==(const file_missing&, const file_missing&) -> bool = default;
};

/// The file, or a directory on the way to it, is not to be believed.
struct file_refused {
    std::string path; ///< of what is wrong
    file_flaw flaw;

    friend auto operator==(const file_refused&, const file_refused&) -> bool = default;
};

/// The file is longer than any file of its kind.
struct file_too_large {
    std::string path;
    std::size_t limit;

    friend auto operator==(const file_too_large&, const file_too_large&) -> bool = default;
};

/// The system refused a call.
struct file_failed {
    std::string path;
    std::string doing; ///< "open", "write"
    int error;         ///< errno

    friend auto operator==(const file_failed&, const file_failed&) -> bool = default;
};

using file_error = std::variant<file_missing, file_refused, file_too_large, file_failed>;

/// One line: which file, what is wrong, and the command that mends it where there is one.
[[nodiscard]] auto describe(const file_error& error) -> std::string;

/// Whether it may be over later although nobody mends anything; then what could not be read is to be kept.
[[nodiscard]] auto may_pass(const file_error& error) -> bool;

} // namespace felhom::io
