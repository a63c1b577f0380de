// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/enum_table.hpp>

#include <array>
#include <string_view>

namespace felhom::authz {

/// The stages of verification, in their order.
enum class stage { armor, name_space, public_key, allow_list, signature, operation, target, time, nonce };

inline constexpr auto stage_names = enum_table{
    std::array{enum_word{stage::armor, "armor"}, enum_word{stage::name_space, "namespace"},
               enum_word{stage::public_key, "public_key"}, enum_word{stage::allow_list, "allow_list"},
               enum_word{stage::signature, "signature"}, enum_word{stage::operation, "operation"},
               enum_word{stage::target, "target"}, enum_word{stage::time, "time"}, enum_word{stage::nonce, "nonce"}}};

[[nodiscard]] constexpr auto name(stage at) -> std::string_view
{
    return stage_names.text_of(at);
}

} // namespace felhom::authz
