// SPDX-License-Identifier: Apache-2.0
#include "support/rapidcheck.hpp"

#include <felhom/operate/operation/operation_params.hpp>

#include <boost/mp11/algorithm.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

using namespace felhom;
using namespace felhom::operate;

namespace {

template <typename T>
using of_type = std::type_identity<T>;

auto some(of_type<bool> /*of*/) -> bool
{
    return *rc::gen::arbitrary<bool>();
}
auto some(of_type<proxmox::timeout_seconds> /*of*/) -> proxmox::timeout_seconds
{
    return proxmox::timeout_seconds{*rc::gen::arbitrary<std::uint32_t>()};
}
auto some(of_type<proxmox::snapshot_name> /*of*/) -> proxmox::snapshot_name
{
    return *proxmox::snapshot_name::parse("before-" + std::to_string(*rc::gen::inRange(0, 1000)));
}
auto some(of_type<proxmox::volume_id> /*of*/) -> proxmox::volume_id
{
    return *proxmox::volume_id::parse("local:backup/vzdump-lxc-" + std::to_string(*rc::gen::inRange(100, 999))
                                      + ".tar");
}
auto some(of_type<proxmox::disk_slot> /*of*/) -> proxmox::disk_slot
{
    return *proxmox::disk_slot::parse("mp" + std::to_string(*rc::gen::inRange(0, 256)));
}
auto some(of_type<proxmox::disk_size> /*of*/) -> proxmox::disk_size
{
    return proxmox::disk_size{*rc::gen::inRange<std::uint64_t>(0, (std::uint64_t{1} << 62U) + 1)};
}
auto some(of_type<std::optional<proxmox::storage_id>> /*of*/) -> std::optional<proxmox::storage_id>
{
    return some(of_type<bool>{}) ? std::optional{*proxmox::storage_id::parse("zfs")} : std::nullopt;
}
auto some(of_type<std::vector<std::string>> /*of*/) -> std::vector<std::string>
{
    return *rc::gen::arbitrary<std::vector<std::string>>();
}
auto some(of_type<std::vector<proxmox::config_entry>> /*of*/) -> std::vector<proxmox::config_entry>
{
    auto entries = std::vector<proxmox::config_entry>{};
    for (const auto& key : *rc::gen::unique<std::vector<std::string>>(rc::gen::arbitrary<std::string>())) {
        entries.push_back({.key = key, .value = *rc::gen::arbitrary<std::string>()});
    }
    return entries;
}

/// Any operation of that kind.
template <typename Operation>
auto some_operation() -> Operation
{
    return std::apply([]<typename... Value>(
                          const param<Operation, Value>&... /*all*/) { return Operation{some(of_type<Value>{})...}; },
                      Operation::params);
}

template <typename Operation>
void check_that_it_reads_back()
{
    rc::prop(std::string{Operation::name} + " is written and read back as the same", [] {
        const auto what = operation{some_operation<Operation>()};
        RC_ASSERT(recorded_operation(Operation::name, params_of(what)) == what);
        RC_ASSERT(recorded_operation(Operation::name, signed_params_of(what)) == what);
    });
}

} // namespace

TEST_CASE("every operation that is known reads back as what was written of it, as a record and as it is signed")
{
    boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, known_operations>>(
        []<typename Operation>(std::type_identity<Operation> /*kind*/) { check_that_it_reads_back<Operation>(); });
}
