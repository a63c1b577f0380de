// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>

namespace felhom::agent {

/// A user of this machine, for the journal: the name, or the number where it has none.
[[nodiscard]] auto user_name_of(::uid_t user) -> std::string;

/// Who began this program: the first answer stays, whoever it goes on as.
[[nodiscard]] auto user_name() -> std::string;

} // namespace felhom::agent
