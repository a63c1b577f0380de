#pragma once

#include <felhom/core/contains.hpp>
#include <felhom/core/json_cursor.hpp>
#include <felhom/core/json_error.hpp>
#include <felhom/core/json_text.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/core/strict_json.hpp>
#include <felhom/local_api/handed_command.hpp>

#include <boost/json/object.hpp>
#include <tl/expected.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

// Both ends of the daemon's socket are this program, but not always of the same version: what one end does not know is
// an error, never passed over.
namespace felhom::local_api {

inline constexpr auto handed_version = std::int64_t{1};

/// A bundle of the largest size, its every byte escaped, and what stands around it.
inline constexpr auto largest_handed = std::size_t{32} << 20U;

[[nodiscard]] inline auto print(const handed_request& request) -> std::string
{
    auto object = boost::json::object{
        {"version", handed_version}, {"json", request.json}, {"colour", request.colour}, {"command", nullptr}};
    std::visit(overloaded{
                   [&](const apply_once& c) {
                       object["command"] = "apply";
                       object["accept_inventory"] = c.accept_inventory;
                       object["accept_mass_change"] = c.accept_mass_change;
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

/// Reads the members of one object, each by its name, and remembers the first fault.
class handed_reader {
public:
    explicit handed_reader(json_cursor of) : of_{std::move(of)} {}

    [[nodiscard]] auto flag(std::string_view key) -> bool
    {
        return kept(of_.require(key).and_then([](const json_cursor& at) { return at.boolean(); }), false);
    }

    [[nodiscard]] auto text(std::string_view key) -> std::string
    {
        return std::string{
            kept(of_.require(key).and_then([](const json_cursor& at) { return at.string(); }), std::string_view{})};
    }

    template <typename Integer>
    [[nodiscard]] auto number(std::string_view key, Integer least, Integer greatest) -> Integer
    {
        return kept(
            of_.require(key).and_then([&](const json_cursor& at) { return at.integer<Integer>(least, greatest); }),
            least);
    }

    [[nodiscard]] auto guest() -> vmid
    {
        static constexpr auto least = std::uint32_t{100};
        static constexpr auto greatest = std::uint32_t{999'999'999};
        return *vmid::from_number(number<std::uint32_t>("guest", least, greatest));
    }

    /// A member that is not among those of the command makes it another command than this version knows.
    void expect_only(std::initializer_list<std::string_view> keys)
    {
        const auto members = of_.members();
        if (!members) {
            fail(members.error());
            return;
        }
        for (const auto& [key, at] : *members) {
            static constexpr auto common = std::array<std::string_view, 4>{"version", "json", "colour", "command"};
            if (!contains(common, key) && !contains(keys, key)) {
                fail({.path = at.path(), .expected = "no such member", .got = "one"});
            }
        }
    }

    void fail(json_type_error why)
    {
        if (!fault_) {
            fault_ = std::move(why);
        }
    }

    [[nodiscard]] auto fault() const -> const std::optional<json_type_error>& { return fault_; }

private:
    template <typename T>
    [[nodiscard]] auto kept(tl::expected<T, json_type_error> read, T otherwise) -> T
    {
        if (read) {
            return *std::move(read);
        }
        fail(std::move(read).error());
        return otherwise;
    }

    json_cursor of_;
    std::optional<json_type_error> fault_;
};

[[nodiscard]] inline auto read_handed_command(handed_reader& from, const json_cursor& root) -> handed_command
{
    const auto name = from.text("command");
    if (name == "apply") {
        from.expect_only({"accept_inventory", "accept_mass_change"});
        return apply_once{.accept_inventory = from.flag("accept_inventory"),
                          .accept_mass_change = from.flag("accept_mass_change")};
    }
    if (name == "submit") {
        from.expect_only({"name", "bundle"});
        return submit_bundle{.name = from.text("name"), .text = from.text("bundle")};
    }
    if (name == "acknowledge") {
        from.expect_only({"operation"});
        return acknowledge_operation{operate::operation_id{
            from.number<std::uint64_t>("operation", 0, std::numeric_limits<std::uint64_t>::max())}};
    }
    if (name == "release") {
        from.expect_only({"guest"});
        return release_guest{from.guest()};
    }
    if (name == "selftest") {
        from.expect_only({"guest"});
        return selftest_guest{from.guest()};
    }
    from.expect_only({});
    if (name == "reset_generation") {
        return reset_generation{};
    }
    if (name != "pass") {
        from.fail(root.fail("a command that this version knows"));
    }
    return pass_once{};
}

} // namespace detail

[[nodiscard]] inline auto parse_handed_request(std::string_view text) -> tl::expected<handed_request, json_error>
{
    const auto document = parse_strict_json(text, {.bytes = largest_handed});
    if (!document) {
        return tl::unexpected<json_error>(document.error());
    }
    const auto root = json_cursor::root(*document);
    auto from = detail::handed_reader{root};
    static_cast<void>(from.number<std::int64_t>("version", handed_version, handed_version));
    auto request = handed_request{
        .json = from.flag("json"), .colour = from.flag("colour"), .command = detail::read_handed_command(from, root)};
    if (const auto& fault = from.fault(); fault.has_value()) {
        return tl::unexpected<json_error>(*fault);
    }
    return request;
}

[[nodiscard]] inline auto print(const handed_reply& reply) -> std::string
{
    return json_text(boost::json::object{
        {"version", handed_version}, {"status", reply.status}, {"out", reply.out}, {"err", reply.err}});
}

[[nodiscard]] inline auto parse_handed_reply(std::string_view text) -> tl::expected<handed_reply, json_error>
{
    const auto document = parse_strict_json(text, {.bytes = std::size_t{256} << 20U});
    if (!document) {
        return tl::unexpected<json_error>(document.error());
    }
    auto from = detail::handed_reader{json_cursor::root(*document)};
    static_cast<void>(from.number<std::int64_t>("version", handed_version, handed_version));
    auto reply =
        handed_reply{.status = from.number<int>("status", 0, 255), .out = from.text("out"), .err = from.text("err")};
    if (const auto& fault = from.fault(); fault.has_value()) {
        return tl::unexpected<json_error>(*fault);
    }
    return reply;
}

} // namespace felhom::local_api
