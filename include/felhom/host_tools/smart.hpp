// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/json/error.hpp>
#include <felhom/core/json/node.hpp>
#include <felhom/core/json/object_reader.hpp>
#include <felhom/core/json/strict.hpp>
#include <felhom/host_tools/checked_text.hpp>
#include <felhom/host_tools/command.hpp>
#include <felhom/host_tools/read_smart_report.hpp>
#include <felhom/host_tools/run.hpp>
#include <felhom/host_tools/smart_exit.hpp>
#include <felhom/host_tools/smart_report.hpp>

#include <boost/json/array.hpp>
#include <tl/expected.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

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

/// The health of a disk, by smartmontools.
struct smartctl {
    static constexpr auto program = std::string_view{"/usr/sbin/smartctl"};

    /// A disk that sleeps is left asleep, and says nothing (smartctl(8), --nocheck).
    [[nodiscard]] static auto report(const disk_device& disk) -> command
    {
        return command{{std::string{program}, "--json", "--all", "--nocheck=standby", disk.text()}};
    }

    /// The disk's own verdict counts whatever else is not understood, and so does the exit code's.
    [[nodiscard]] static auto read_report(const finished& ended) -> tl::expected<smart_report, error>
    {
        const auto bits = static_cast<unsigned>(ended.exit_code);
        const auto failing = (bits & smart_failing) != 0;
        auto made = read_document(ended.out);
        const auto has_verdict = failing || (made && made->health != disk_health::unknown);
        if ((bits & smart_not_asked) != 0 && !has_verdict) {
            return tl::unexpected<error>(complaint(ended, bits));
        }
        if (!made && !failing) {
            return tl::unexpected<error>(unreadable{.program = std::string{program}, .cause = std::move(made).error()});
        }
        auto report = smart_report{};
        if (made) {
            report = *std::move(made);
        } else {
            report.unread.push_back(std::move(made).error());
        }
        report.health = failing ? disk_health::failed : report.health;
        for (auto& words : words_of_smart_exit(bits)) {
            report.warnings.push_back(std::move(words));
        }
        return report;
    }

private:
    static constexpr auto as_it_comes = json_limits{.lenient = true};

    [[nodiscard]] static auto read_document(std::string_view text) -> tl::expected<smart_report, json_error>
    {
        const auto document = parse_strict_json(text, as_it_comes);
        if (!document) {
            return tl::unexpected<json_error>(document.error());
        }
        const auto root = smart_node::root(*document);
        if (root.if_object() == nullptr) {
            return tl::unexpected<json_error>(root.fail("an object"));
        }
        return read_smart_report(root);
    }

    /// Why no disk was asked. With --json, smartctl says in the document what went wrong, among other things.
    [[nodiscard]] static auto complaint(const finished& ended, unsigned bits) -> failed
    {
        auto why = failed{.program = std::string{program}, .exit_code = ended.exit_code, .message = {}};
        const auto document = parse_strict_json(ended.out, as_it_comes);
        if (!document && !ended.out.starts_with('{')) {
            why.message = first_line(ended);
        }
        if (document) {
            const auto root = json_node::root(*document);
            if (auto told = message(root, /*errors_only=*/true)) {
                why.message = *std::move(told);
                return why;
            }
        }
        if (why.message.empty()) {
            for (const auto& words : words_of_smart_exit(bits & smart_not_asked)) {
                why.message += (why.message.empty() ? "" : "; ") + words;
            }
        }
        if (document) {
            const auto root = json_node::root(*document);
            if (const auto told = message(root, /*errors_only=*/false)) {
                why.message += ": " + *told;
            }
        }
        return why;
    }

    /// The first of its messages that has words, of those that are errors or of all.
    [[nodiscard]] static auto message(const json_node& root, bool errors_only) -> std::optional<std::string>
    {
        const auto smartctl = root["smartctl"];
        const auto messages = smartctl["messages"];
        const auto* const all = messages.if_array();
        for (auto index = std::size_t{0}; all != nullptr && index < all->size(); ++index) {
            const auto one = messages.element(index, (*all)[index]);
            const auto severity = one["severity"].text();
            auto words = read_string(one["string"]);
            if (words && (!errors_only || (severity && *severity == "error"))) {
                return *std::move(words);
            }
        }
        return std::nullopt;
    }
};

} // namespace felhom::host_tools
