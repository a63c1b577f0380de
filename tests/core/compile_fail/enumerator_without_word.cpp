// SPDX-License-Identifier: Apache-2.0
// error: no matching function for call to 'enum_table
#include <felhom/core/enum_table.hpp>

enum class season { spring, summer, autumn, winter };

constexpr auto words = felhom::enum_table{std::array{felhom::enum_word{season::spring, "spring"},
                                                     felhom::enum_word{season::summer, "summer"},
                                                     felhom::enum_word{season::autumn, "autumn"}}};
