// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "proxmox/schema.hpp"
#include "support/rapidcheck.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

// Values that the schema takes, made by the schema alone, in the spelling that people use: no leading zero, no plus
// sign, no control character.
namespace arbitrary {

inline auto plain_texts() -> const std::vector<std::string>&
{
    static const auto all = std::vector<std::string>{
        "a",
        "web",
        "web.example.com",
        std::string(64, 'x'),
        "a.example b.example",
        "7",
        "10.0.0.1",
        "1.1.1.1 fe80::1%eth0",
        "fd00::2",
        "10.0.0.2/24",
        "fd00::2/64",
        "dhcp",
        "auto",
        "BC:24:11:00:01:09",
        "eth0",
        "1;2;30",
        "order=3,up=10,down=60",
        "Europe/Berlin",
        "host",
        "prod;web",
        "local:snippets/hook.pl",
        "local-lvm:vm-101-disk-0",
        "local-lvm:8",
        "/mnt/data",
        "/mnt/v1..v2",
        "/dev/ttyUSB0",
        "8G",
        "noatime;nodev",
        "nfs;cifs",
        "/sbin/init",
        std::string{"A=1\0B=2", 7},
    };
    return all;
}

inline auto legal_value(const boost::json::object& rule, bool in_property_string = false) -> rc::Gen<std::string>;

inline auto legal_property_string(const boost::json::object& properties) -> rc::Gen<std::string>
{
    return rc::gen::exec([properties] {
        auto items = std::vector<std::string>{};
        for (const auto& [name, of_name] : properties) {
            const auto& rule = of_name.as_object();
            // A device without its path is refused behind the schema.
            if (!rule.contains("optional") || name == "path" || *rc::gen::arbitrary<bool>()) {
                items.push_back(std::string{name} + "=" + *legal_value(rule, /*in_property_string=*/true));
            }
        }
        if (items.empty()) {
            const auto& [name, rule] = *properties.begin();
            items.push_back(std::string{name} + "=" + *legal_value(rule.as_object(), /*in_property_string=*/true));
        }
        auto joined = std::string{};
        while (!items.empty()) {
            const auto next = items.begin() + *rc::gen::inRange<std::ptrdiff_t>(0, std::ssize(items));
            joined += (joined.empty() ? "" : ",") + *next;
            items.erase(next);
        }
        return joined;
    });
}

inline auto legal_value(const boost::json::object& rule, bool in_property_string) -> rc::Gen<std::string>
{
    const auto bound = [&](const char* name, std::int64_t otherwise) {
        const auto* const found = rule.if_contains(name);
        return found == nullptr ? otherwise : found->as_int64();
    };
    const auto type = std::string{rule.at("type").as_string()};
    if (type == "boolean") {
        return rc::gen::element<std::string>("0", "1");
    }
    if (type == "integer" || type == "number") {
        const auto least = bound("minimum", 0);
        const auto greatest = bound("maximum", 1'000'000);
        return rc::gen::map(rc::gen::oneOf(rc::gen::just(least), rc::gen::just(greatest),
                                           rc::gen::inRange<std::int64_t>(least, greatest)),
                            [decimals = type == "number", greatest](std::int64_t n) {
                                return std::to_string(n) + (decimals && n < greatest ? ".5" : "");
                            });
    }
    if (const auto* const format = rule.if_contains("format"); format != nullptr && format->is_object()) {
        return legal_property_string(format->as_object());
    }
    auto candidates = plain_texts();
    if (const auto* const words = rule.if_contains("enum")) {
        for (const auto& word : words->as_array()) {
            candidates.emplace_back(word.as_string());
        }
    }
    candidates.emplace_back("0660");
    std::erase_if(candidates, [&](const std::string& text) {
        const auto breaks_out = in_property_string && text.find_first_of(",=") != std::string::npos;
        const auto* const format = rule.if_contains("format");
        const auto has_leading_zero = text == "0660" && format != nullptr && *format == "pve-startup-order";
        return breaks_out || has_leading_zero || schema::check(rule, text, in_property_string).has_value();
    });
    if (candidates.empty()) {
        throw std::logic_error{"no plain text is legal here"};
    }
    return rc::gen::elementOf(candidates);
}

} // namespace arbitrary
