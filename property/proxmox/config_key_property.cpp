// SPDX-License-Identifier: Apache-2.0
#include "proxmox/arbitrary.hpp"
#include "proxmox/legal_value.hpp"
#include "proxmox/schema.hpp"
#include "support/rapidcheck.hpp"

#include <felhom/core/contains.hpp>
#include <felhom/proxmox/lxc/key_table.hpp>

#include <boost/json/serialize.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

using namespace felhom;

namespace {

/// The release whose schema is recorded.
constexpr auto recorded = lxc::pve_release{.major = 9, .minor = 1};

auto call_parameters() -> const boost::json::object&
{
    return schema::api::of_this_release().parameters("PUT", "/nodes/{node}/lxc/{vmid}/config");
}

/// What the schema says of a key; nothing for one that the API does not know, or that is Proxmox VE's own.
auto rule_in_schema(const lxc::config_key& key) -> const boost::json::object*
{
    const auto* const found = call_parameters().if_contains(std::string{key.key} + (key.indices != 0 ? "[n]" : ""));
    return found == nullptr || key.managed == lxc::management::pve ? nullptr : &found->as_object();
}

auto recorded_properties(const lxc::property_string& format) -> std::size_t
{
    auto count = std::size_t{0};
    for (const auto& rule : format.properties) {
        count += rule.since <= recorded ? 1U : 0U;
    }
    return count;
}

} // namespace

TEST_CASE("every key a configuration call may carry is one of the call's parameters, of the same type and range")
{
    for (const auto& known : lxc::standard_keys) {
        INFO(known.key);
        const auto* const rule = rule_in_schema(known);
        if (rule == nullptr) {
            CHECK_FALSE(known.in_calls);
            continue;
        }
        const auto type = std::string{rule->at("type").as_string()};
        std::visit(
            felhom::overloaded{
                [&](const lxc::boolean&) { CHECK(type == "boolean"); },
                [&](const lxc::integer& range) {
                    CHECK(type == "integer");
                    CHECK(rule->at("minimum").as_int64() == range.least);
                    CHECK((rule->contains("maximum") ? rule->at("maximum").as_int64() : lxc::unbounded)
                          == range.greatest);
                },
                [&](const lxc::number& range) {
                    CHECK(type == "number");
                    CHECK(rule->at("minimum").as_int64() == range.least);
                    CHECK(rule->at("maximum").as_int64() == range.greatest);
                },
                [&](const lxc::one_of& choice) { CHECK(rule->at("enum").as_array().size() == choice.words.size()); },
                [&](const lxc::text&) { CHECK(type == "string"); },
                [&](const lxc::property_string& allowed) {
                    if (const auto* const properties = rule->at("format").if_object()) {
                        CHECK(properties->size() == recorded_properties(allowed));
                    } else {
                        CHECK(rule->at("format").as_string() == "pve-startup-order");
                    }
                },
            },
            known.admits);
    }
}

TEST_CASE("every parameter of a configuration call that is a key stands in the table")
{
    for (const auto& [name, rule] : call_parameters()) {
        const auto key = std::string{name};
        if (key == "node" || key == "vmid" || key == "digest" || key == "delete" || key == "revert") {
            continue;
        }
        INFO(key);
        const auto bracket = key.find("[n]");
        CHECK(lxc::key_table::standard().find(key.substr(0, bracket) + (bracket == std::string::npos ? "" : "0"))
              != nullptr);
    }
}

TEST_CASE("a key admits what the schema of the call takes, in its plain spelling, and nothing else")
{
    rc::prop("a value that a key admits is one that the schema takes", [] {
        const auto value = *arbitrary::value_for_key();
        auto admitted = 0;
        for (const auto& key : lxc::standard_keys) {
            const auto* const rule = rule_in_schema(key);
            if (rule == nullptr || !admits(key.admits, value)) {
                continue;
            }
            ++admitted;
            if (const auto wrong = schema::check(*rule, value, /*in_property_string=*/false)) {
                RC_FAIL(std::string{key.key} + ": " + *wrong);
            }
        }
        RC_CLASSIFY(admitted > 1, "of several keys");
    });
    rc::prop("a value that the schema takes is one that its key admits", [] {
        for (const auto& key : lxc::standard_keys) {
            if (const auto* const rule = rule_in_schema(key)) {
                const auto value = *arbitrary::legal_value(*rule);
                if (!admits(key.admits, value)) {
                    RC_FAIL(std::string{key.key} + " does not admit '" + value + "'");
                }
            }
        }
    });
}

TEST_CASE("a default that the schema names is the table's, but for those of which absence means something else")
{
    // Without arch a guest does not start; without swap it has none, whatever the schema says; cpuunits' is a text.
    static constexpr auto others = std::array<std::string_view, 3>{"arch", "swap", "cpuunits"};
    const auto as_text = [](const boost::json::value& value) {
        return value.is_string() ? std::string{value.as_string()} : boost::json::serialize(value);
    };
    for (const auto& known : lxc::standard_keys) {
        const auto* const rule = rule_in_schema(known);
        if (rule == nullptr) {
            continue;
        }
        INFO(known.key);
        if (const auto* const named = rule->if_contains("default"); named != nullptr && !contains(others, known.key)) {
            CHECK(known.default_value == as_text(*named));
        }
        const auto* const format = lxc::format_of(known);
        const auto* const properties = rule->contains("format") ? rule->at("format").if_object() : nullptr;
        if (format == nullptr || properties == nullptr) {
            continue;
        }
        for (const auto& [name, property] : *properties) {
            const auto* const row = format->rule_of(name);
            if (const auto* const named = property.as_object().if_contains("default");
                named != nullptr && row != nullptr) {
                INFO(std::string_view{name});
                CHECK(row->default_value == as_text(*named));
            }
        }
    }
}
