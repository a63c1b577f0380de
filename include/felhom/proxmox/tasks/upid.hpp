// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/decimal.hpp>
#include <felhom/core/node_name.hpp>
#include <felhom/core/parse_error.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::proxmox {

/// The id of a task: where, when and for whom a worker process of a node was started
/// (pve-common UPID.pm: "UPID:node:pid:pstart:starttime:type:id:user:").
class upid {
public:
    static constexpr std::size_t longest = 512;

    [[nodiscard]] static auto parse(std::string_view text) -> tl::expected<upid, parse_error>
    {
        auto fields = split(text);
        if (!fields) {
            return refused(text);
        }
        const auto& [node_text, pid_text, pstart_text, start_text, type, id, user] = *fields;
        auto node = node_name::parse(node_text);
        const auto pid = hex(pid_text, 8, 8);
        const auto pstart = hex(pstart_text, 8, 9); // clock ticks since boot: nine digits after 497 days
        const auto start = hex(start_text, 8, 8);
        if (!node || !pid || !pstart || !start || type.empty() || user.empty() || !is_word(type) || !is_word(id)
            || !is_word(user)) {
            return refused(text);
        }
        auto made = upid{std::string{text}, *std::move(node)};
        made.pid_ = static_cast<std::uint32_t>(*pid);
        made.pstart_ = *pstart;
        made.started_ = std::chrono::sys_seconds{std::chrono::seconds{*start}};
        made.type_ = type;
        made.id_ = id;
        made.user_ = user;
        return made;
    }

    [[nodiscard]] auto text() const -> const std::string& { return text_; }
    [[nodiscard]] auto node() const -> const node_name& { return node_; }
    [[nodiscard]] auto pid() const -> std::uint32_t { return pid_; }
    [[nodiscard]] auto pstart() const -> std::uint64_t { return pstart_; }
    [[nodiscard]] auto started() const -> std::chrono::sys_seconds { return started_; }
    [[nodiscard]] auto type() const -> const std::string& { return type_; } ///< "vzstart", "vzdump"
    [[nodiscard]] auto id() const -> const std::string& { return id_; }     ///< "101"; may be empty, or "100@local"
    [[nodiscard]] auto user() const -> const std::string& { return user_; } ///< "felhom@pve!agent"

    friend auto operator==(const upid& a, const upid& b) -> bool { return a.text_ == b.text_; }
    friend auto operator<=>(const upid& a, const upid& b) { return a.text_ <=> b.text_; }

private:
    static constexpr std::size_t field_count = 7;

    upid(std::string text, node_name node) : text_{std::move(text)}, node_{std::move(node)} {}

    [[nodiscard]] static auto refused(std::string_view text) -> tl::unexpected<parse_error>
    {
        return tl::unexpected(parse_error{
            .what = "UPID",
            .rule = "UPID:node:pid:pstart:starttime:type:id:user: as Proxmox VE returns it",
            .got = std::string{text.substr(0, longest)},
        });
    }

    [[nodiscard]] static auto split(std::string_view text) -> std::optional<std::array<std::string_view, field_count>>
    {
        static constexpr auto prefix = std::string_view{"UPID:"};
        if (text.size() > longest || !text.starts_with(prefix)) {
            return std::nullopt;
        }
        text.remove_prefix(prefix.size());
        auto fields = std::array<std::string_view, field_count>{};
        for (auto& field : fields) {
            const auto colon = text.find(':');
            if (colon == std::string_view::npos) {
                return std::nullopt;
            }
            field = text.substr(0, colon);
            text.remove_prefix(colon + 1);
        }
        return text.empty() ? std::optional{fields} : std::nullopt;
    }

    [[nodiscard]] static auto hex(std::string_view digits, std::size_t least, std::size_t most)
        -> std::optional<std::uint64_t>
    {
        const auto fits = digits.size() >= least && digits.size() <= most;
        return fits ? parse_hexadecimal<std::uint64_t>(digits) : std::nullopt;
    }

    // PVE's own rule is [^:\s/]: a user's name may hold any letter of any script.
    [[nodiscard]] static auto is_word(std::string_view text) -> bool
    {
        return std::ranges::all_of(
            text, [](char c) { return static_cast<unsigned char>(c) > ' ' && c != '/' && c != '\x7F'; });
    }

    std::string text_;
    node_name node_;
    std::uint32_t pid_{};
    std::uint64_t pstart_{};
    std::chrono::sys_seconds started_;
    std::string type_;
    std::string id_;
    std::string user_;
};

} // namespace felhom::proxmox
