// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/parse_error.hpp>
#include <felhom/proxmox/model/storage_id.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <compare>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::proxmox {

/// A volume on a storage: "local:backup/vzdump-lxc-100-2026_01_31-03_00_01.tar.zst" (pve-storage Storage.pm,
/// parse_volume_id).
class volume_id {
public:
    static constexpr std::size_t longest = 255; ///< what `ostemplate` takes

    [[nodiscard]] static auto parse(std::string_view text) -> tl::expected<volume_id, parse_error>
    {
        const auto refused = [&] {
            return tl::unexpected(parse_error{.what = "volume id",
                                              .rule = "storage:name, printable and without blanks, up to 255 bytes",
                                              .got = std::string{text}});
        };
        const auto colon = text.find(':');
        if (text.size() > longest || colon == std::string_view::npos || colon + 1 == text.size()
            || !std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; })) {
            return refused();
        }
        auto storage = storage_id::parse(text.substr(0, colon));
        if (!storage) {
            return refused();
        }
        return volume_id{*std::move(storage), std::string{text}};
    }

    [[nodiscard]] auto text() const -> const std::string& { return text_; }
    [[nodiscard]] auto storage() const -> const storage_id& { return storage_; }

    friend auto operator<=>(const volume_id&, const volume_id&) = default;

private:
    volume_id(storage_id storage, std::string text) : storage_{std::move(storage)}, text_{std::move(text)} {}

    storage_id storage_;
    std::string text_;
};

} // namespace felhom::proxmox
