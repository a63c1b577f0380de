// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/json/document.hpp>
#include <felhom/core/json/error.hpp>
#include <felhom/core/json/object_reader.hpp>
#include <felhom/core/json/vmids.hpp>
#include <felhom/core/json/writer.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/local_api/handed_command.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <tl/expected.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// Both ends of the daemon's socket are this program, but not always of the same version: what one end does not know is
// an error, never passed over.
namespace felhom::local_api {

inline constexpr auto handed_version = std::int64_t{1};

/// A bundle of the largest size, its every byte escaped, and what stands around it.
inline constexpr auto largest_handed = std::size_t{32} << 20U;

namespace detail {

[[nodiscard]] inline auto json_of(const operate::consent& agreed) -> boost::json::value
{
    const auto text = [](const std::optional<std::string>& value) {
        return value ? boost::json::value(*value) : boost::json::value(nullptr);
    };
    auto steps = boost::json::array{};
    for (const auto& step : agreed.steps()) {
        steps.push_back(boost::json::object{
            {"guest", step.guest.number()}, {"what", step.what}, {"from", text(step.from)}, {"to", text(step.to)}});
    }
    return steps;
}

} // namespace detail

[[nodiscard]] inline auto print(const handed_request& request) -> std::string
{
    auto object = boost::json::object{
        {"version", handed_version}, {"json", request.json}, {"colour", request.colour}, {"command", nullptr}};
    std::visit(overloaded{
                   [&](const apply_once& c) {
                       object["command"] = "apply";
                       object["accept_inventory"] = c.accept_inventory;
                       object["accept_mass_change"] = c.accept_mass_change;
                       object["agreed"] = c.agreed ? detail::json_of(*c.agreed) : boost::json::value(nullptr);
                   },
                   [&](const pass_once&) { object["command"] = "pass"; },
                   [&](const submit_bundle& c) {
                       object["command"] = "submit";
                       object["name"] = c.name;
                       object["bundle"] = c.text;
                   },
                   [&](const acknowledge_operation& c) {
                       object["command"] = "acknowledge";
                       object["operation"] = number(c.id);
                   },
                   [&](const release_guest& c) {
                       object["command"] = "release";
                       object["guest"] = c.guest.number();
                   },
                   [&](const reset_generation&) { object["command"] = "reset_generation"; },
                   [&](const selftest_guest& c) {
                       object["command"] = "selftest";
                       object["guest"] = c.guest.number();
                   },
               },
               request.command);
    return json_text(object);
}

namespace detail {

/// What is not among these makes it another command than this version knows.
inline void expect_only(object_reader<>& in, std::initializer_list<std::string_view> of_command)
{
    auto names = std::vector<std::string_view>{"version", "json", "colour", "command"};
    names.insert(names.end(), of_command);
    in.only(names);
}

[[nodiscard]] inline auto read_guest(object_reader<>& in) -> vmid
{
    return in.required("guest", read_vmid).value_or(*vmid::from_number(vmid::least));
}

[[nodiscard]] inline auto read_agreed_step(const json_node& at) -> tl::expected<operate::agreed_step, json_error>
{
    auto in = object_reader{at};
    in.only(std::vector<std::string_view>{"guest", "what", "from", "to"});
    const auto text_or_null = [&](std::string_view name) {
        return at[name].is_null() ? std::nullopt : std::optional{in.text(name)};
    };
    auto step = operate::agreed_step{.guest = read_guest(in), .what = in.text("what")};
    step.from = text_or_null("from");
    step.to = text_or_null("to");
    return std::move(in).finish(std::move(step));
}

/// What somebody agreed to; null: to whatever the plan is.
[[nodiscard]] inline auto read_consent(const json_node& at) -> tl::expected<std::optional<operate::consent>, json_error>
{
    if (at.is_null()) {
        return std::nullopt;
    }
    return read_each(at, read_agreed_step).map([](const std::vector<operate::agreed_step>& steps) {
        return std::optional{operate::consent{{steps.begin(), steps.end()}}};
    });
}

[[nodiscard]] inline auto read_handed_command(object_reader<>& in) -> handed_command
{
    const auto name = in.text("command");
    if (name == "apply") {
        expect_only(in, {"accept_inventory", "accept_mass_change", "agreed"});
        return apply_once{.accept_inventory = in.flag("accept_inventory"),
                          .accept_mass_change = in.flag("accept_mass_change"),
                          .agreed = in.required("agreed", read_consent).value_or(std::nullopt)};
    }
    if (name == "submit") {
        expect_only(in, {"name", "bundle"});
        return submit_bundle{.name = in.text("name"), .text = in.text("bundle")};
    }
    if (name == "acknowledge") {
        expect_only(in, {"operation"});
        return acknowledge_operation{operate::operation_id{in.integer<std::uint64_t>("operation")}};
    }
    if (name == "release") {
        expect_only(in, {"guest"});
        return release_guest{read_guest(in)};
    }
    if (name == "selftest") {
        expect_only(in, {"guest"});
        return selftest_guest{read_guest(in)};
    }
    expect_only(in, {});
    if (name == "reset_generation") {
        return reset_generation{};
    }
    in.require(name == "pass", "command", "a command that this version knows");
    return pass_once{};
}

} // namespace detail

[[nodiscard]] inline auto parse_handed_request(std::string_view text) -> tl::expected<handed_request, json_error>
{
    return read_json(text, {.bytes = largest_handed}, [](const json_node& root) {
        auto in = object_reader{root};
        static_cast<void>(in.integer("version", handed_version, handed_version));
        auto request = handed_request{
            .json = in.flag("json"), .colour = in.flag("colour"), .command = detail::read_handed_command(in)};
        return std::move(in).finish(std::move(request));
    });
}

[[nodiscard]] inline auto print(const handed_reply& reply) -> std::string
{
    return json_text(boost::json::object{
        {"version", handed_version}, {"status", reply.status}, {"out", reply.out}, {"err", reply.err}});
}

[[nodiscard]] inline auto parse_handed_reply(std::string_view text) -> tl::expected<handed_reply, json_error>
{
    return read_json(text, {.bytes = std::size_t{256} << 20U}, [](const json_node& root) {
        auto in = object_reader{root};
        static_cast<void>(in.integer("version", handed_version, handed_version));
        auto reply = handed_reply{.status = in.integer("status", 0, 255), .out = in.text("out"), .err = in.text("err")};
        return std::move(in).finish(std::move(reply));
    });
}

} // namespace felhom::local_api
