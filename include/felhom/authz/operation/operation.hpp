// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/operation/operation_name.hpp>
#include <felhom/authz/replay/nonce.hpp>
#include <felhom/authz/sshsig/wire.hpp>
#include <felhom/core/ascii.hpp>
#include <felhom/core/instant.hpp>
#include <felhom/core/json/object_reader.hpp>
#include <felhom/core/json/place.hpp>
#include <felhom/core/json/strict.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/core/printable.hpp>
#include <felhom/core/vmid.hpp>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <tl/expected.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace felhom::authz {

inline constexpr auto longest_operation = std::size_t{1} << 20U;

/// What an operator signs: one operation on one guest of one host, once, within a window of time.
struct operation {
    std::string op;
    std::string host_id; ///< as it was signed; compared with ours byte for byte, so look-alikes need no parsing
    vmid guest_id;
    boost::json::object params; ///< as they were signed
    authz::nonce nonce;
    instant not_before;
    instant expires_at;
    std::string key_id; ///< a hint for people; decides nothing
    std::optional<std::string> expected_digest{};

    friend auto operator==(const operation&, const operation&) -> bool = default;
};

namespace detail {

/// What is wrong with a member, told of where the text names it.
[[nodiscard]] inline auto field_of(const json_error& why, const boost::json::object& top, std::string_view text)
    -> bad_field
{
    const auto field = [&](const std::string& path, std::string expected, std::string got) {
        const auto* const named = std::ranges::find_if(top, [&](const auto& member) {
            const auto place = "$." + printable(member.key());
            return path == place || path.starts_with(place + ".");
        });
        const auto is_there = named != top.end();
        return bad_field{.field = is_there ? printable(named->key()) : path.substr(std::string_view{"$."}.size()),
                         .offset = is_there ? offset_of_member(text, named->key()).value_or(0) : 0,
                         .expected = std::move(expected),
                         .got = std::move(got)};
    };
    return std::visit(overloaded{
                          [](const json_syntax_error& e) {
                              return bad_field{"operation", e.offset, "JSON in which nothing is ambiguous", e.reason};
                          },
                          [&](const json_type_error& e) { return field(e.path, e.expected, e.got); },
                          [&](const json_unknown_member& e) { return field(e.path, "no such member", "one"); },
                      },
                      why);
}

[[nodiscard]] inline auto is_digest(std::string_view digest) -> bool
{
    static constexpr auto longest = std::size_t{256};
    return !digest.empty() && digest.size() <= longest
           && std::ranges::all_of(digest, [](char c) { return c > ' ' && c <= '~'; });
}

/// The member `expect`: under which circumstances the operation was meant.
[[nodiscard]] inline auto read_expectation(const json_node& at) -> tl::expected<std::string, json_type_error>
{
    auto in = object_reader{at};
    auto digest = in.text("digest");
    in.only(std::array<std::string_view, 1>{"digest"});
    if (in.failed() || !is_digest(digest)) {
        return tl::unexpected(at.fail(R"({"digest":…} of up to 256 printable characters, and nothing else)"));
    }
    return digest;
}

} // namespace detail

/// Reads the operation's JSON: every member of the schema once and no other, nothing ambiguous.
[[nodiscard]] inline auto parse_operation(std::string_view text, std::chrono::milliseconds longest_window)
    -> tl::expected<operation, bad_field>
{
    static constexpr auto members = std::array<std::string_view, 10>{
        "v", "op", "host_id", "guest_id", "params", "nonce", "not_before", "expires_at", "key_id", "expect"};
    static constexpr auto longest_text = std::size_t{256};
    auto buffer = std::array<unsigned char, 2048>{};
    auto memory = boost::json::monotonic_resource{buffer.data(), buffer.size()};
    const auto document = parse_strict_json(text, {.bytes = longest_operation, .exact_integers = true}, &memory);
    if (!document) {
        return tl::unexpected(bad_field{"operation", document.error().offset, "JSON in which nothing is ambiguous",
                                        document.error().reason});
    }
    const auto root = json_node::root(*document);
    auto in = object_reader{root};
    static_cast<void>(in.integer("v", 1, 1));
    auto op = in.text("op");
    in.require(is_operation_name(op), "op", "up to 64 letters, digits, dots and hyphens");
    auto host = in.text("host_id");
    const auto guest = in.parsed("guest_id", vmid::parse);
    const auto& params = in.object("params");
    auto once = in.parsed("nonce", nonce::parse);
    const auto not_before = in.time("not_before");
    const auto expires_at = in.time("expires_at");
    auto key_id = in.text("key_id");
    in.require(key_id.size() <= longest_text, "key_id", "at most 256 bytes");
    auto digest = in.optional("expect", detail::read_expectation);
    in.only(members);
    in.require(expires_at > not_before, "expires_at", "a time after not_before");
    in.require(expires_at - not_before <= longest_window, "expires_at",
               "a window of at most " + std::to_string(longest_window.count() / 1000) + " s");
    return std::move(in)
        .finish([&] {
            return operation{.op = std::move(op),
                             .host_id = std::move(host),
                             .guest_id = *guest,
                             .params = boost::json::object{params, boost::json::storage_ptr{}},
                             .nonce = *std::move(once),
                             .not_before = not_before,
                             .expires_at = expires_at,
                             .key_id = std::move(key_id),
                             .expected_digest = std::move(digest)};
        })
        .map_error([&](const json_error& why) {
            const auto* const top = document->if_object();
            return top == nullptr ? bad_field{"operation", 0, "an object", "another JSON value"}
                                  : detail::field_of(why, *top, text);
        });
}

} // namespace felhom::authz
