// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/json/error.hpp>
#include <felhom/core/json/node.hpp>
#include <felhom/host_tools/smart_report.hpp>

#include <boost/json/array.hpp>
#include <tl/expected.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace felhom::host_tools {

/// A place in smartctl's document. Which members are there depends on the disk.
using smart_node = basic_json_node<nullable_json>;

namespace detail {

/// Reads each figure by itself, so that one that is odd hides no other: it is nothing, and told of.
class figure_reader {
public:
    /// What `read` makes of a place; nothing where there is none.
    template <typename Read>
    [[nodiscard]] auto operator()(const smart_node& at, Read read)
        -> std::optional<typename std::invoke_result_t<Read&, const smart_node&>::value_type>
    {
        if (at.is_absent()) {
            return std::nullopt;
        }
        auto made = std::invoke(read, at);
        if (!made) {
            unread_.emplace_back(std::move(made).error());
            return std::nullopt;
        }
        return *std::move(made);
    }

    /// The same of a member of a part.
    template <typename Read>
    [[nodiscard]] auto within(const smart_node& part, std::string_view name, Read read)
    {
        return is_object(part) ? (*this)(part[name], read) : std::nullopt;
    }

    [[nodiscard]] auto is_object(const smart_node& at) -> bool
    {
        return (*this)(at, [](const smart_node& part) { return part.object(); }).has_value();
    }

    void note(json_error why) { unread_.push_back(std::move(why)); }

    [[nodiscard]] auto unread() && -> std::vector<json_error> { return std::move(unread_); }

private:
    std::vector<json_error> unread_;
};

template <std::integral Integer>
[[nodiscard]] auto read_count(const smart_node& at) -> tl::expected<Integer, json_type_error>
{
    return at.integer<Integer>();
}

[[nodiscard]] inline auto read_celsius(const smart_node& at) -> tl::expected<int, json_type_error>
{
    return at.integer(-273, 1000);
}

[[nodiscard]] inline auto read_words(const smart_node& at) -> tl::expected<std::string, json_type_error>
{
    return at.text().map([](std::string_view text) { return std::string{text}; });
}

/// One row; without its number nobody knows what it is about.
[[nodiscard]] inline auto read_attribute(const smart_node& row, figure_reader& figures)
    -> std::optional<smart_attribute>
{
    if (!figures.is_object(row)) {
        return std::nullopt;
    }
    const auto number = row["id"];
    const auto id = figures(number, read_count<std::uint8_t>);
    if (!id) {
        if (number.is_absent()) {
            figures.note(number.fail("a value"));
        }
        return std::nullopt;
    }
    return smart_attribute{.id = *id,
                           .name = figures(row["name"], read_words),
                           .value = figures(row["value"], read_count<std::uint8_t>),
                           .worst = figures(row["worst"], read_count<std::uint8_t>),
                           .threshold = figures(row["thresh"], read_count<std::uint8_t>),
                           .raw = figures.within(row["raw"], "value", read_count<std::uint64_t>)};
}

[[nodiscard]] inline auto read_attributes(const smart_node& table, figure_reader& figures)
    -> std::vector<smart_attribute>
{
    auto all = std::vector<smart_attribute>{};
    const auto* const rows = table.if_array();
    if (rows == nullptr) {
        if (!table.is_absent()) {
            figures.note(table.fail("an array"));
        }
        return all;
    }
    for (auto index = std::size_t{0}; index < rows->size(); ++index) {
        if (auto attribute = read_attribute(table.element(index, (*rows)[index]), figures)) {
            all.push_back(*std::move(attribute));
        }
    }
    return all;
}

[[nodiscard]] inline auto read_nvme_log(const smart_node& log, figure_reader& figures) -> std::optional<nvme_log>
{
    if (!figures.is_object(log)) {
        return std::nullopt;
    }
    return nvme_log{.critical_warning = figures(log["critical_warning"], read_count<std::uint8_t>),
                    .available_spare = figures(log["available_spare"], read_count<std::uint8_t>),
                    .percentage_used = figures(log["percentage_used"], read_count<std::uint8_t>),
                    .media_errors = figures(log["media_errors"], read_count<std::uint64_t>)};
}

/// The counters of a SAS disk (smartmontools, scsiprint.cpp).
[[nodiscard]] inline auto read_scsi_log(const smart_node& root, figure_reader& figures) -> std::optional<scsi_log>
{
    const auto grown = root["scsi_grown_defect_list"];
    const auto counters = root["scsi_error_counter_log"];
    if (grown.is_absent() && counters.is_absent()) {
        return std::nullopt;
    }
    auto log = scsi_log{.grown_defects = figures(grown, read_count<std::uint64_t>),
                        .uncorrected_read_errors = std::nullopt,
                        .uncorrected_write_errors = std::nullopt,
                        .uncorrected_verify_errors = std::nullopt};
    if (figures.is_object(counters)) {
        const auto uncorrected_of = [&](std::string_view way) {
            return figures.within(counters[way], "total_uncorrected_errors", read_count<std::uint64_t>);
        };
        log.uncorrected_read_errors = uncorrected_of("read");
        log.uncorrected_write_errors = uncorrected_of("write");
        log.uncorrected_verify_errors = uncorrected_of("verify");
    }
    return log;
}

/// Of a SAS disk, smartctl 7.3 and 7.4 give maker and product, and only later ones `model_name`.
[[nodiscard]] inline auto read_model(const smart_node& root, figure_reader& figures) -> std::optional<std::string>
{
    for (const auto name : {std::string_view{"model_name"}, std::string_view{"scsi_model_name"}}) {
        if (auto model = figures(root[name], read_words)) {
            return model;
        }
    }
    const auto vendor = figures(root["scsi_vendor"], read_words);
    const auto product = figures(root["scsi_product"], read_words);
    if (vendor && product) {
        return *vendor + " " + *product;
    }
    return product ? product : vendor;
}

} // namespace detail

/// What smartctl's document says, which is an object.
[[nodiscard]] inline auto read_smart_report(const smart_node& root) -> smart_report
{
    auto figures = detail::figure_reader{};
    auto report = smart_report{};
    const auto status = root["smart_status"];
    if (const auto passed = figures.within(status, "passed", &smart_node::flag)) {
        report.health = *passed ? disk_health::passed : disk_health::failed;
    }
    const auto of_scsi = status["scsi"];
    if (const auto foretold = of_scsi["ie_string"].text()) {
        report.warnings.push_back("the disk says: " + std::string{*foretold});
    }
    report.model = detail::read_model(root, figures);
    report.serial = figures(root["serial_number"], detail::read_words);
    report.celsius = figures.within(root["temperature"], "current", detail::read_celsius);
    report.power_on_hours = figures.within(root["power_on_time"], "hours", detail::read_count<std::uint64_t>);
    const auto ata = root["ata_smart_attributes"];
    if (figures.is_object(ata)) {
        report.attributes = detail::read_attributes(ata["table"], figures);
    }
    report.nvme = detail::read_nvme_log(root["nvme_smart_health_information_log"], figures);
    report.scsi = detail::read_scsi_log(root, figures);
    report.unread = std::move(figures).unread();
    return report;
}

} // namespace felhom::host_tools
