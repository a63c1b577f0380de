// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>

// Documents that take as much memory as documents of their length can.
namespace felhom::testing {

inline constexpr auto mebibyte = std::size_t{1} << 20U;

/// With blanks before its last character, so that it has so many bytes.
[[nodiscard]] inline auto filled_up(std::string document, std::size_t bytes) -> std::string
{
    const auto lacking = bytes > document.size() ? bytes - document.size() : 0;
    return document.insert(document.size() - 1, lacking, ' ');
}

/// As often as `count` says, with commas between them; `make` is given the number of each.
template <typename Make>
[[nodiscard]] auto listed(std::size_t count, Make make) -> std::string
{
    auto text = std::string{};
    for (auto number = std::size_t{0}; number < count; ++number) {
        text += number == 0 ? "" : ",";
        text += make(number);
    }
    return text;
}

/// A desired state of so many guests with these keys each.
template <typename Keys>
[[nodiscard]] auto desired_of(std::size_t guests, Keys keys) -> std::string
{
    return R"({"version":1,"generation":1,"guests":[)"
           + listed(guests,
                    [&](std::size_t number) {
                        return R"({"vmid":)" + std::to_string(100 + number) + R"(,"config":{)" + keys() + "}}";
                    })
           + "]}";
}

/// Keys of mount points and of devices: what there is most of.
[[nodiscard]] inline auto unset_keys(std::size_t count) -> std::string
{
    return listed(count, [](std::size_t number) {
        return (number < 256 ? "\"mp" + std::to_string(number) : "\"dev" + std::to_string(number - 256)) + "\":null";
    });
}

} // namespace felhom::testing
