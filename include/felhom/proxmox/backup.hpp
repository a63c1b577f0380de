#pragma once

#include <felhom/core/ill_formed.hpp>
#include <felhom/proxmox/storage_id.hpp>

#include <tl/expected.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::proxmox {

/// The notes of a backup: at most 1024 bytes once line breaks are escaped (pve-guest-common VZDump/Common.pm,
/// notes-template). `{{guestname}}` and its like are filled in by Proxmox VE.
class backup_notes {
public:
    static constexpr std::size_t longest = 1024;

    [[nodiscard]] static auto parse(std::string_view text) -> tl::expected<backup_notes, ill_formed>
    {
        auto escaped = std::string{};
        for (const auto c : text) {
            if (c == '\n') {
                escaped += "\\n";
            } else if (c == '\\') {
                escaped += "\\\\";
            } else if (static_cast<unsigned char>(c) >= ' ') {
                escaped += c;
            } else {
                return refused(text);
            }
        }
        if (escaped.empty() || escaped.size() > longest) {
            return refused(text);
        }
        return backup_notes{std::move(escaped)};
    }

    [[nodiscard]] auto escaped() const -> const std::string& { return escaped_; }

    friend auto operator==(const backup_notes&, const backup_notes&) -> bool = default;

private:
    explicit backup_notes(std::string escaped) : escaped_{std::move(escaped)} {}

    [[nodiscard]] static auto refused(std::string_view text) -> tl::unexpected<ill_formed>
    {
        return tl::unexpected(ill_formed{.what = "backup note",
                                         .rule = "1 to 1024 bytes without control characters but line breaks",
                                         .got = std::string{text.substr(0, longest)}});
    }

    std::string escaped_;
};

enum class backup_mode { snapshot, suspend, stop };
enum class backup_compression { none, gzip, lzo, zstd };

/// How a guest is backed up. There is no way to ask for the pruning of older backups.
struct backup_options {
    storage_id storage;
    backup_mode mode = backup_mode::snapshot;
    backup_compression compression = backup_compression::zstd;
    bool keep_from_pruning = false;
    std::optional<backup_notes> notes = std::nullopt;
};

} // namespace felhom::proxmox
