#pragma once

#include <felhom/core/json_cursor.hpp>
#include <felhom/core/strict_json.hpp>
#include <felhom/host_tools/checked_text.hpp>
#include <felhom/host_tools/command.hpp>
#include <felhom/host_tools/run.hpp>

#include <tl/expected.hpp>

#include <cstdint>
#include <initializer_list>
#include <limits>
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

/// Reads smartctl's document, remembering the first thing that was not as it should be. A missing member is no fault:
/// which are there depends on the disk.
class smart_reader {
public:
    using path = std::initializer_list<std::string_view>;

    explicit smart_reader(json_cursor document) : document_{std::move(document)} {}

    [[nodiscard]] auto report() -> tl::expected<smart_report, json_type_error>
    {
        auto made = smart_report{.model = text({"model_name"}),
                                 .serial = text({"serial_number"}),
                                 .health = health(),
                                 .celsius = number<int>({"temperature", "current"}, -273, 1000),
                                 .power_on_hours = number<std::uint64_t>({"power_on_time", "hours"}),
                                 .attributes = attributes(),
                                 .nvme = nvme()};
        if (fault_) {
            return tl::unexpected(*std::move(fault_));
        }
        return made;
    }

private:
    template <typename T>
    [[nodiscard]] auto kept(tl::expected<T, json_type_error> read) -> std::optional<T>
    {
        if (read) {
            return *std::move(read);
        }
        if (!fault_) {
            fault_ = std::move(read).error();
        }
        return std::nullopt;
    }

    [[nodiscard]] auto at(path keys) -> std::optional<json_cursor> { return below(document_, keys); }

    /// The value under these keys, if it is there and not null.
    [[nodiscard]] auto below(json_cursor start, path keys) -> std::optional<json_cursor>
    {
        auto here = std::optional{std::move(start)};
        for (const auto key : keys) {
            here = kept(here->find(key)).value_or(std::nullopt);
            if (!here || here->is_null()) {
                return std::nullopt;
            }
        }
        return here;
    }

    [[nodiscard]] auto text(path keys) -> std::optional<std::string>
    {
        const auto found = at(keys);
        return found ? kept(found->string().map([](std::string_view t) { return std::string{t}; })) : std::nullopt;
    }

    template <typename Integer>
    [[nodiscard]] auto number(path keys, Integer least = 0, Integer greatest = std::numeric_limits<Integer>::max())
        -> std::optional<Integer>
    {
        const auto found = at(keys);
        return found ? kept(found->integer<Integer>(least, greatest)) : std::nullopt;
    }

    [[nodiscard]] auto health() -> disk_health
    {
        const auto found = at({"smart_status", "passed"});
        const auto passed = found ? kept(found->boolean()) : std::nullopt;
        if (!passed) {
            return disk_health::unknown;
        }
        return *passed ? disk_health::passed : disk_health::failed;
    }

    [[nodiscard]] auto attributes() -> std::vector<smart_attribute>
    {
        const auto table = at({"ata_smart_attributes", "table"});
        auto all = std::vector<smart_attribute>{};
        for (const auto& line :
             table ? kept(table->elements()).value_or(std::vector<json_cursor>{}) : std::vector<json_cursor>{}) {
            const auto name = kept(line.require("name").and_then([](const json_cursor& n) { return n.string(); }));
            const auto id = required<std::uint8_t>(line, {"id"});
            const auto value = required<std::uint8_t>(line, {"value"});
            const auto worst = required<std::uint8_t>(line, {"worst"});
            const auto threshold = required<std::uint8_t>(line, {"thresh"});
            const auto raw = required<std::uint64_t>(line, {"raw", "value"});
            all.push_back({.id = id,
                           .name = std::string{name.value_or("")},
                           .value = value,
                           .worst = worst,
                           .threshold = threshold,
                           .raw = raw});
        }
        return all;
    }

    [[nodiscard]] auto nvme() -> std::optional<nvme_log>
    {
        const auto log = at({"nvme_smart_health_information_log"});
        if (!log) {
            return std::nullopt;
        }
        return nvme_log{.critical_warning = required<std::uint8_t>(*log, {"critical_warning"}),
                        .available_spare = required<std::uint8_t>(*log, {"available_spare"}),
                        .percentage_used = required<std::uint8_t>(*log, {"percentage_used"}),
                        .media_errors = required<std::uint64_t>(*log, {"media_errors"})};
    }

    /// An integer that must be there; 0, with the fault remembered, if it is not.
    template <typename Integer>
    [[nodiscard]] auto required(const json_cursor& start, path keys) -> Integer
    {
        auto here = tl::expected<json_cursor, json_type_error>{start};
        for (const auto key : keys) {
            here = here.and_then([&](const json_cursor& outer) { return outer.require(key); });
        }
        return kept(here.and_then([](const json_cursor& found) {
                   return found.integer<Integer>(0, std::numeric_limits<Integer>::max());
               }))
            .value_or(Integer{0});
    }

    json_cursor document_;
    std::optional<json_type_error> fault_;
};

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
        return detail::smart_reader{json_cursor::root(*document)}
            .report()
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
        const auto messages =
            document ? json_cursor::root(*document)
                           .require("smartctl")
                           .and_then([](const json_cursor& smartctl) { return smartctl.require("messages"); })
                           .and_then([](const json_cursor& all) { return all.elements(); })
                           .map_error([](const auto& /*the exit code says enough*/) { return std::monostate{}; })
                     : tl::unexpected(std::monostate{});
        if (messages && !messages->empty()) {
            const auto text =
                messages->front().require("string").and_then([](const json_cursor& m) { return m.string(); });
            if (text) {
                return failed{
                    .program = std::string{program}, .exit_code = ended.exit_code, .message = std::string{*text}};
            }
        }
        return failure_of(program, ended);
    }
};

} // namespace felhom::host_tools
