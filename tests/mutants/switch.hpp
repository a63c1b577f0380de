// SPDX-License-Identifier: Apache-2.0
#pragma once

// What tells a program of ./dev mutate which of its mutants is on: FELHOM_MUTANT, a number of tests/mutants/mutate.py,
// or the name of a file, into which the program writes the numbers of those that it came to. Every source of that build
// includes it first (-include), so that a mutated header needs no line more than the original.
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <string_view>
#include <type_traits>

namespace felhom_mutants {

struct choice {
    unsigned number = 0;
    int trace = -1;
};

inline auto chosen() -> const choice&
{
    static const auto made = [] {
        const auto* const text = std::getenv("FELHOM_MUTANT");
        if (text == nullptr) {
            return choice{};
        }
        if (text[0] == '/') {
            return choice{.trace = ::open(text, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
        }
        return choice{.number = static_cast<unsigned>(std::strtoul(text, nullptr, 10))};
    }();
    return made;
}

/// Leaves the number in the trace once.
template <unsigned Number>
void note()
{
    static auto noted = std::atomic<bool>{false};
    if (noted.exchange(true)) {
        return;
    }
    char text[16] = {};
    auto at = sizeof text;
    text[--at] = '\n';
    for (auto rest = Number; rest > 0; rest /= 10) {
        text[--at] = static_cast<char>('0' + rest % 10);
    }
    static_cast<void>(::write(chosen().trace, text + at, sizeof text - at));
}

template <unsigned Number>
auto is_chosen() -> bool
{
    if (chosen().trace >= 0) {
        note<Number>();
    }
    return chosen().number == Number;
}

} // namespace felhom_mutants

/// Whether a mutant is on; none is while the compiler computes a constant.
template <unsigned Number>
constexpr auto felhom_mutant() -> bool
{
    return !std::is_constant_evaluated() && felhom_mutants::is_chosen<Number>();
}
