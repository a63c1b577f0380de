// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace felhom::agent {

/// What a pass or a report needed, and the wait for the next does not: memory that is free, and the program's own code
/// and constants, which stay in the page cache and are mapped again when they are next used.
void trim_memory();

} // namespace felhom::agent
