#pragma once

#include <felhom/core/json/error.hpp>
#include <felhom/core/json/node.hpp>
#include <felhom/core/json/object_reader.hpp>
#include <felhom/core/json/strict.hpp>
#include <felhom/host_tools/checked_text.hpp>
#include <felhom/host_tools/command.hpp>
#include <felhom/host_tools/run.hpp>

#include <tl/expected.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::host_tools {

namespace detail {

struct disk_device_rule {
    static constexpr auto what = std::string_view{"disk device"};
    static constexpr auto rule = std::string_view{"/dev/NAME or /dev/disk/by-id/NAME"};
    [[nodiscard]] static auto accepts(std::string_view text) -> bool
    {
        for (const auto folder : {std::string_view{"/dev/disk/by-id/"}, std::string_view{"/dev/"}}) {
            if (text.starts_with(folder)) {
                return is_word(text.substr(folder.size()), "-_.:", 200);
            }
        }
        return false;
    }
};

} // namespace detail

using disk_device = checked_text<detail::disk_device_rule>;

enum class disk_health : std::uint8_t { passed, failed, unknown };

/// One line of an ATA disk's table. The raw value is what the maker says it is.
struct smart_attribute {
    std::uint8_t id;
    std::string name;
    std::uint8_t value;
    std::uint8_t worst;
    std::uint8_t threshold;
    std::uint64_t raw;

    friend auto operator==(const smart_attribute&, const smart_attribute&) -> bool = default;
};

/// What an NVMe disk says of itself.
struct nvme_log {
    std::uint8_t critical_warning;
    std::uint8_t available_spare; ///< per cent
    std::uint8_t percentage_used; ///< may exceed 100
    std::uint64_t media_errors;

    friend auto operator==(const nvme_log&, const nvme_log&) -> bool = default;
};

/// What smartctl read from one disk; nothing where it read nothing.
struct smart_report {
    std::optional<std::string> model;
    std::optional<std::string> serial;
    disk_health health = disk_health::unknown;
    std::optional<int> celsius;
    std::optional<std::uint64_t> power_on_hours;
    std::vector<smart_attribute> attributes; ///< of an ATA disk
    std::optional<nvme_log> nvme;

    friend auto operator==(const smart_report&, const smart_report&) -> bool = default;
};

namespace detail {

using smart_node = basic_json_node<nullable_json>;

/// A member of a part that may be missing. Which are there depends on the disk.
template <typename Read>
[[nodiscard]] auto read_within(object_reader<json_error, smart_node>& in, std::string_view part, std::string_view name,
                               Read read)
{
    return in
        .optional(part,
                  [&](const smart_node& at) {
                      auto inner = object_reader{at};
                      auto value = inner.optional(name, read);
                      return std::move(inner).finish(std::move(value));
                  })
        .value_or(std::nullopt);
}

[[nodiscard]] inline auto read_smart_attribute(const smart_node& line) -> tl::expected<smart_attribute, json_error>
{
    const auto read_raw = [](const smart_node& raw) { return raw["value"].integer<std::uint64_t>(); };
    auto in = object_reader{line};
    auto attribute =
        smart_attribute{.id = 0, .name = in.text("name"), .value = 0, .worst = 0, .threshold = 0, .raw = 0};
    attribute.id = in.integer<std::uint8_t>("id");
    attribute.value = in.integer<std::uint8_t>("value");
    attribute.worst = in.integer<std::uint8_t>("worst");
    attribute.threshold = in.integer<std::uint8_t>("thresh");
    attribute.raw = in.required("raw", read_raw).value_or(0);
    return std::move(in).finish(std::move(attribute));
}

[[nodiscard]] inline auto read_nvme_log(const smart_node& log) -> tl::expected<nvme_log, json_error>
{
    auto in = object_reader{log};
    const auto read = nvme_log{.critical_warning = in.integer<std::uint8_t>("critical_warning"),
                               .available_spare = in.integer<std::uint8_t>("available_spare"),
                               .percentage_used = in.integer<std::uint8_t>("percentage_used"),
                               .media_errors = in.integer<std::uint64_t>("media_errors")};
    return std::move(in).finish(read);
}

[[nodiscard]] inline auto read_smart_report(const smart_node& root) -> tl::expected<smart_report, json_error>
{
    const auto read_celsius = [](const smart_node& at) { return at.integer(-273, 1000); };
    const auto read_hours = [](const smart_node& at) { return at.integer<std::uint64_t>(); };
    const auto read_table = [](const smart_node& at) { return read_each(at, read_smart_attribute); };
    auto in = object_reader{root};
    auto report = smart_report{};
    report.model = in.text_if("model_name");
    report.serial = in.text_if("serial_number");
    if (const auto passed = read_within(in, "smart_status", "passed", &smart_node::flag)) {
        report.health = *passed ? disk_health::passed : disk_health::failed;
    }
    report.celsius = read_within(in, "temperature", "current", read_celsius);
    report.power_on_hours = read_within(in, "power_on_time", "hours", read_hours);
    report.attributes =
        read_within(in, "ata_smart_attributes", "table", read_table).value_or(std::vector<smart_attribute>{});
    report.nvme = in.optional("nvme_smart_health_information_log", read_nvme_log);
    return std::move(in).finish(std::move(report));
}

} // namespace detail

/// The health of a disk, by smartmontools.
struct smartctl {
    static constexpr auto program = std::string_view{"/usr/sbin/smartctl"};

    /// A disk that sleeps is left asleep, and says nothing (smartctl(8), --nocheck).
    [[nodiscard]] static auto report(const disk_device& disk) -> command
    {
        return command{{std::string{program}, "--json", "--all", "--nocheck=standby", disk.text()}};
    }

    /// smartctl's exit code is a set of bits (smartctl(8)). The first two mean that no disk was asked, the others are
    /// about the disk's health: a failing disk is a report, not a failure.
    [[nodiscard]] static auto read_report(const finished& ended) -> tl::expected<smart_report, error>
    {
        static constexpr auto not_asked = 0b11U;
        static constexpr auto failing = 0b1000U;
        const auto bits = static_cast<unsigned>(ended.exit_code);
        if ((bits & not_asked) != 0) {
            return tl::unexpected(complaint(ended));
        }
        const auto unreadable_because = [](auto&& cause) {
            return error{unreadable{.program = std::string{program}, .cause = json_error{cause}}};
        };
        const auto document = parse_strict_json(ended.out, {});
        if (!document) {
            return tl::unexpected(unreadable_because(document.error()));
        }
        return detail::read_smart_report(detail::smart_node::root(*document))
            .map([&](smart_report made) {
                made.health = (bits & failing) != 0 ? disk_health::failed : made.health;
                return made;
            })
            .map_error(unreadable_because);
    }

private:
    /// With --json, smartctl says in the document what went wrong.
    [[nodiscard]] static auto complaint(const finished& ended) -> error
    {
        const auto document = parse_strict_json(ended.out, {});
        if (document) {
            const auto root = json_node::root(*document);
            const auto smartctl = root["smartctl"];
            const auto messages = smartctl["messages"];
            const auto* const all = messages.if_array();
            if (all != nullptr && !all->empty()) {
                if (auto text = read_string(messages.element(0, all->front())["string"])) {
                    return failed{
                        .program = std::string{program}, .exit_code = ended.exit_code, .message = *std::move(text)};
                }
            }
        }
        return failure_of(program, ended);
    }
};

} // namespace felhom::host_tools
