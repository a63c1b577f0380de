#pragma once

#include <felhom/core/json/error.hpp>
#include <felhom/core/json/node.hpp>
#include <felhom/host_tools/command.hpp>
#include <felhom/host_tools/run.hpp>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <tl/expected.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace felhom::host_tools {

/// One temperature of this host.
struct temperature {
    std::string chip;  ///< "coretemp-isa-0000"
    std::string label; ///< "Package id 0"
    double celsius;

    friend auto operator==(const temperature&, const temperature&) -> bool = default;
};

/// The host's temperatures, by lm-sensors.
struct sensors {
    static constexpr auto program = std::string_view{"/usr/bin/sensors"};

    [[nodiscard]] static auto read_all() -> command { return command{{std::string{program}, "-j"}}; }

    /// The temperatures in the order of the output; a sensor that gave no number is left out. A host without sensors
    /// is a failure, for that is how sensors ends.
    [[nodiscard]] static auto read_temperatures(const finished& ended) -> tl::expected<std::vector<temperature>, error>
    {
        if (ended.exit_code != 0) {
            return tl::unexpected(failure_of(program, ended));
        }
        // Not the strict reader: sensors repeats a key where two sensors of a chip have one label.
        auto ec = boost::system::error_code{};
        const auto document = boost::json::parse(ended.out, ec);
        if (ec) {
            return tl::unexpected(unreadable_because(json_syntax_error{.offset = 0, .reason = ec.message()}));
        }
        auto all = std::vector<temperature>{};
        const auto root = json_node::root(document);
        const auto chips = root.object();
        if (!chips) {
            return tl::unexpected(unreadable_because(chips.error()));
        }
        for (const auto& [chip, features] : **chips) {
            const auto read = root.member(chip, features).object();
            if (!read) {
                return tl::unexpected(unreadable_because(read.error()));
            }
            for (const auto& [label, values] : **read) {
                add(all, chip, label, values);
            }
        }
        return all;
    }

private:
    /// A feature is an object of numbers, "temp1_input" among them; beside the features stands the text "Adapter".
    static void add(std::vector<temperature>& all, std::string_view chip, std::string_view label,
                    const boost::json::value& feature)
    {
        const auto* const values = feature.if_object();
        if (values == nullptr) {
            return;
        }
        for (const auto& [key, value] : *values) {
            const auto name = std::string_view{key};
            const auto number = exact_json::figure(value);
            if (number && name.starts_with("temp") && name.ends_with("_input")) {
                all.push_back({.chip = std::string{chip}, .label = std::string{label}, .celsius = *number});
            }
        }
    }

    template <typename Cause>
    [[nodiscard]] static auto unreadable_because(const Cause& cause) -> error
    {
        return unreadable{.program = std::string{program}, .cause = json_error{cause}};
    }
};

} // namespace felhom::host_tools
