// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace felhom {

/// One enumerator and the word that stands for it, on the wire or for people.
template <typename Enum>
struct enum_word {
    Enum value;
    std::string_view text;
};

namespace detail {

/// Whether the compiler knows a name for the value, by how it prints it: "(felhom::ending)3" is none.
template <auto Value>
[[nodiscard]] consteval auto is_enumerator() -> bool
{
    const auto printed = std::string_view{__PRETTY_FUNCTION__};
    return printed[printed.rfind("Value = ") + std::string_view{"Value = "}.size()] != '(';
}

/// Not constexpr, so that a table whose rows need it does not compile.
void row_is_missing_or_not_in_its_place();

} // namespace detail

/// The words of an enumeration, both ways. Its rows are in the order of the enumerators; one that is missing does not
/// compile.
template <typename Enum, std::size_t Count>
class enum_table {
public:
    consteval explicit enum_table(const std::array<enum_word<Enum>, Count>& rows)
        requires(!detail::is_enumerator<static_cast<Enum>(Count)>())
        : rows_{rows}
    {
        for (auto index = std::size_t{0}; index < Count; ++index) {
            if (rows_.at(index).value != static_cast<Enum>(index)) {
                detail::row_is_missing_or_not_in_its_place();
            }
        }
    }

    [[nodiscard]] constexpr auto text_of(Enum value) const -> std::string_view
    {
        return rows_.at(static_cast<std::size_t>(value)).text;
    }
    [[nodiscard]] constexpr auto parse(std::string_view text) const -> std::optional<Enum>
    {
        const auto found = std::ranges::find(rows_, text, &enum_word<Enum>::text);
        return found == rows_.end() ? std::nullopt : std::optional{found->value};
    }
    [[nodiscard]] static constexpr auto size() -> std::size_t { return Count; }
    /// "empty", "file" or "hub": what an error says was expected.
    [[nodiscard]] auto choices() const -> std::string
    {
        auto text = std::string{};
        for (auto left = Count; const auto& row : rows_) {
            text += (text.empty() ? "\"" : left == 1 ? " or \"" : ", \"") + std::string{row.text} + "\"";
            --left;
        }
        return text;
    }

private:
    std::array<enum_word<Enum>, Count> rows_;
};

} // namespace felhom
