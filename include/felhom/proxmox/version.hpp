#pragma once

#include <felhom/proxmox/reply_node.hpp>

#include <tl/expected.hpp>

#include <string>
#include <utility>

namespace felhom::proxmox {

/// The version of Proxmox VE on a node.
struct version {
    std::string number;  ///< "9.2.11", "7.4-16"
    std::string release; ///< "9.2"
    std::string repository;

    friend auto operator==(const version&, const version&) -> bool = default;
};

/// The answer to read::version.
[[nodiscard]] inline auto decode_version(const reply_node& data) -> tl::expected<version, decode_error>
{
    auto fields = reply_record{data};
    auto read = version{
        .number = fields.text("version"),
        .release = fields.text("release"),
        .repository = fields.text_if("repoid").value_or(""),
    };
    return std::move(fields).finish(std::move(read));
}

} // namespace felhom::proxmox
