// SPDX-License-Identifier: Apache-2.0
#include "sim/node/volumes.hpp"

#include "sim/api/text.hpp"

#include <cmath>
#include <cstdlib>
#include <regex>

namespace felhom::sim {

namespace {

auto storage_of(std::string_view volid) -> std::string_view
{
    return volid.substr(0, volid.find(':'));
}

auto volume_name(const storage& in, const std::string& id, guest_id vmid, int number) -> std::string
{
    const auto guest = std::to_string(vmid);
    const auto disk = (in.type == "zfspool" ? "subvol-" : "vm-") + guest + "-disk-" + std::to_string(number);
    const auto is_file = in.type == "dir" || in.type == "btrfs" || in.type == "nfs";
    return id + ":" + (is_file ? guest + "/" + disk + ".raw" : disk);
}

} // namespace

auto parse_allocation(std::string_view volume, std::string_view default_storage) -> std::optional<allocation>
{
    static const auto shape = std::regex{R"((?:([^:\s]+):)?(\d+(?:\.\d+)?))"};
    auto found = std::match_results<std::string_view::const_iterator>{};
    if (!std::regex_match(volume.begin(), volume.end(), found, shape)) {
        return std::nullopt;
    }
    return allocation{.storage = found[1].matched ? found[1].str() : std::string{default_storage},
                      .gib = std::strtod(found[2].str().c_str(), nullptr)};
}

auto allocated_bytes(double gib) -> std::int64_t
{
    return static_cast<std::int64_t>(std::floor(gib * 1024)) * mebibyte;
}

auto allocate(node& on, guest_id vmid, const std::string& storage, std::int64_t bytes) -> std::optional<std::string>
{
    const auto in = on.storages.find(storage);
    if (in == on.storages.end()) {
        return std::nullopt;
    }
    auto number = 0;
    while (in->second.volumes.contains(volume_name(in->second, storage, vmid, number))) {
        ++number;
    }
    auto volid = volume_name(in->second, storage, vmid, number);
    const auto made = std::chrono::duration_cast<std::chrono::seconds>(on.now().time_since_epoch()).count();
    in->second.volumes.emplace(
        volid,
        volume{.volid = volid, .content = "rootdir", .format = "raw", .size = bytes, .ctime = made, .vmid = vmid});
    return volid;
}

auto find_volume(node& on, std::string_view volid) -> volume*
{
    const auto in = on.storages.find(storage_of(volid));
    if (in == on.storages.end()) {
        return nullptr;
    }
    const auto found = in->second.volumes.find(volid);
    return found == in->second.volumes.end() ? nullptr : &found->second;
}

void free_volume(node& on, std::string_view volid)
{
    if (const auto in = on.storages.find(storage_of(volid)); in != on.storages.end()) {
        if (const auto found = in->second.volumes.find(volid); found != in->second.volumes.end()) {
            in->second.volumes.erase(found);
        }
    }
}

auto print_size(std::int64_t bytes) -> std::string
{
    static constexpr auto units = std::string_view{"KMGT"};
    auto text = std::to_string(bytes);
    for (const auto unit : units) {
        if (bytes == 0 || bytes % 1024 != 0) {
            break;
        }
        bytes /= 1024;
        text = std::to_string(bytes) + unit;
    }
    return text;
}

auto parse_size(std::string_view text) -> std::int64_t
{
    static constexpr auto units = std::string_view{"KMGT"};
    const auto number = std::strtod(std::string{text}.c_str(), nullptr);
    const auto unit = text.empty() ? std::string_view::npos : units.find(text.back());
    const auto power = unit == std::string_view::npos ? 0 : static_cast<int>(unit) + 1;
    return static_cast<std::int64_t>(number * std::pow(1024.0, power));
}

} // namespace felhom::sim
