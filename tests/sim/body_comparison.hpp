// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/api/text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <range/v3/action/sort.hpp>
#include <range/v3/action/stable_sort.hpp>
#include <range/v3/algorithm/contains.hpp>

#include <array>
#include <set>
#include <string>
#include <string_view>
#include <vector>

/// Compares what the node answered with what was recorded: keys, types and values, but for the values that measure the
/// machine or the moment.
namespace captured {

namespace json = boost::json;

/// Keys whose value belongs to the machine or the moment of the recording; their type still counts.
inline auto is_of_the_moment(std::string_view key) -> bool
{
    static const auto keys = std::set<std::string_view>{"pid",         "pstart",
                                                        "starttime",   "endtime",
                                                        "upid",        "uptime",
                                                        "mem",         "cpu",
                                                        "disk",        "maxdisk",
                                                        "maxmem",      "used",
                                                        "avail",       "total",
                                                        "free",        "used_fraction",
                                                        "ctime",       "size",
                                                        "diskread",    "diskwrite",
                                                        "netin",       "netout",
                                                        "snaptime",    "time",
                                                        "localtime",   "ssl_fingerprint",
                                                        "loadavg",     "kversion",
                                                        "release",     "machine",
                                                        "sysname",     "mhz",
                                                        "model",       "flags",
                                                        "cores_",      "serverid",
                                                        "pem",         "fingerprint",
                                                        "Description", "saved",
                                                        "path"};
    return keys.contains(key);
}

inline auto kind_of(const json::value& value) -> std::string
{
    if (value.is_number()) {
        return "number";
    }
    return std::string{json::to_string(value.kind())};
}

/// What orders the elements of a list, since PVE lists in no fixed order.
inline auto identity_of(const json::value& element) -> std::string
{
    static constexpr auto keys = std::array<std::string_view, 12>{
        "vmid", "volid", "key", "name", "n", "storage", "id", "cmd", "subdir", "iface", "roleid", "upid"};
    const auto* const object = element.if_object();
    if (object == nullptr) {
        return json::serialize(element);
    }
    for (const auto key : keys) {
        if (const auto* const value = object->if_contains(key)) {
            auto text = json::serialize(*value);
            return std::string(24 - std::min<std::size_t>(24, text.size()), ' ') + text;
        }
    }
    return {};
}

inline auto sorted(const json::array& list) -> std::vector<json::value>
{
    auto values = std::vector<json::value>(list.begin(), list.end());
    return std::move(values) | ranges::actions::stable_sort(ranges::less{}, identity_of);
}

inline auto sorted_words(std::string_view text) -> std::string
{
    return felhom::sim::joined(felhom::sim::split(text, ",") | ranges::actions::sort, ",");
}

class comparison {
public:
    /// Both lists of one body may have other elements too; then each element's shape must have been seen.
    comparison(bool lists_differ, bool digest_counts) : lists_differ_{lists_differ}, digest_counts_{digest_counts} {}

    void compare(const json::value& recorded, const json::value& made, const std::string& path, std::string_view key)
    {
        if (kind_of(recorded) != kind_of(made)) {
            differ(path, kind_of(recorded), kind_of(made));
        } else if (recorded.is_object()) {
            objects(recorded.get_object(), made.get_object(), path);
        } else if (recorded.is_array()) {
            lists(recorded.get_array(), made.get_array(), path, key);
        } else if (!is_of_the_moment(key) && !is_digest(made, key) && !same(recorded, made, key)) {
            differ(path, json::serialize(recorded), json::serialize(made));
        }
    }

    [[nodiscard]] auto text() const -> const std::string& { return text_; }

private:
    void differ(const std::string& path, const std::string& recorded, const std::string& made)
    {
        text_ += path + ": recorded " + recorded.substr(0, 300) + ", made " + made.substr(0, 300) + "; ";
    }

    /// The digest of a file that was edited by hand cannot be known.
    [[nodiscard]] auto is_digest(const json::value& made, std::string_view key) const -> bool
    {
        static constexpr auto sha1_digits = std::size_t{40};
        return !digest_counts_ && (key == "digest" || key == "value") && made.is_string()
               && made.get_string().size() == sha1_digits;
    }

    static auto same(const json::value& recorded, const json::value& made, std::string_view key) -> bool
    {
        if (!recorded.is_string()) {
            return recorded.is_number() ? recorded.to_number<double>() == made.to_number<double>() : recorded == made;
        }
        const auto was = std::string_view{recorded.get_string()};
        const auto is = std::string_view{made.get_string()};
        if (was.starts_with("UPID:") && is.starts_with("UPID:")) {
            return of_the_task(was) == of_the_task(is);
        }
        if (key == "content") {
            return sorted_words(was) == sorted_words(is);
        }
        // Of a log only the outcome is a promise; the lines before it name sizes, times and random numbers.
        return was == is || (key == "t" && !was.starts_with("TASK") && !is.starts_with("TASK"));
    }

    /// Type, guest and user of a task; the rest of its UPID is the moment's.
    static auto of_the_task(std::string_view upid) -> std::string
    {
        static constexpr auto numbers = std::size_t{5};
        for (auto at = std::size_t{0}; at < numbers; ++at) {
            upid.remove_prefix(upid.find(':') + 1);
        }
        return std::string{upid};
    }

    void objects(const json::object& recorded, const json::object& made, const std::string& path)
    {
        for (const auto& [key, value] : recorded) {
            if (const auto* const found = made.if_contains(key)) {
                compare(value, *found, path + "." + std::string{key}, key);
            } else {
                differ(path + "." + std::string{key}, json::serialize(value), "nothing");
            }
        }
        for (const auto& [key, value] : made) {
            if (!recorded.contains(key)) {
                differ(path + "." + std::string{key}, "nothing", json::serialize(value));
            }
        }
    }

    void lists(const json::array& recorded, const json::array& made, const std::string& path, std::string_view key)
    {
        if (lists_differ_) {
            for (const auto& element : made) {
                one_of(recorded, element, path);
            }
            if (made.empty() != recorded.empty()) {
                differ(path, std::to_string(recorded.size()), std::to_string(made.size()));
            }
            return;
        }
        if (recorded.size() != made.size()) {
            differ(path, std::to_string(recorded.size()) + " elements " + json::serialize(recorded),
                   std::to_string(made.size()) + " elements " + json::serialize(made));
            return;
        }
        const auto was = sorted(recorded);
        const auto is = sorted(made);
        for (auto at = std::size_t{0}; at < was.size(); ++at) {
            compare(was[at], is[at], path + "[" + std::to_string(at) + "]", key);
        }
    }

    /// An element of which one with the same keys and types was recorded.
    void one_of(const json::array& recorded, const json::value& element, const std::string& path)
    {
        for (const auto& candidate : recorded) {
            if (shape(candidate) == shape(element)) {
                return;
            }
        }
        differ(path, "none like it", json::serialize(element));
    }

    static auto shape(const json::value& of) -> std::string
    {
        const auto* const object = of.if_object();
        if (object == nullptr) {
            return kind_of(of);
        }
        auto parts = std::vector<std::string>{};
        for (const auto& [key, value] : *object) {
            // PVE itself sends `saved` as a number or as text.
            parts.push_back(std::string{key} + ":" + (key == "saved" ? "number" : shape(value)));
        }
        return felhom::sim::joined(std::move(parts) | ranges::actions::sort, ",");
    }

    bool lists_differ_;
    bool digest_counts_;
    std::string text_;
};

} // namespace captured
