// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace felhom {

/// Joins lambdas into one visitor, so that std::visit over a variant must name every alternative.
template <typename... Visitors>
struct overloaded : Visitors... {
    using Visitors::operator()...;
};

// clang 14 has no class template argument deduction for aggregates.
template <typename... Visitors>
overloaded(Visitors...) -> overloaded<Visitors...>;

} // namespace felhom
