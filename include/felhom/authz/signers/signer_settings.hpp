// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/operation/term.hpp>
#include <felhom/core/enum_table.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace felhom::authz {

/// What a signer is there for.
enum class signer_tag { operational, recovery };

inline constexpr auto signer_tag_words = enum_table{
    std::array{enum_word{signer_tag::operational, "operational"}, enum_word{signer_tag::recovery, "recovery"}}};

[[nodiscard]] constexpr auto name(signer_tag tag) -> std::string_view
{
    return signer_tag_words.text_of(tag);
}

/// One signer as configured.
struct signer_settings {
    std::string authorized_key; ///< one line as in authorized_keys
    signer_tag tag;
    std::string key_id;                                   ///< for the audit trail; decides nothing
    std::optional<std::vector<std::string>> operations{}; ///< what this signer may sign; all if absent
    authz::term term{};                                   ///< when

    friend auto operator==(const signer_settings&, const signer_settings&) -> bool = default;
};

} // namespace felhom::authz
