#pragma once

#include <felhom/authz/nonce.hpp>
#include <felhom/authz/operation_name.hpp>
#include <felhom/authz/wire.hpp>
#include <felhom/core/ascii.hpp>
#include <felhom/core/instant.hpp>
#include <felhom/core/json_place.hpp>
#include <felhom/core/printable.hpp>
#include <felhom/core/strict_json.hpp>
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

/// Reads the members of one object of the blob. The first failure sticks, as in wire_reader.
class member_reader {
public:
    member_reader(const boost::json::object& object, std::string_view text) : object_{&object}, text_{text} {}

    [[nodiscard]] auto value(std::string_view key) -> const boost::json::value*
    {
        const auto* const found = object_->if_contains(key);
        if (found == nullptr) {
            fail(key, "a value", "nothing");
        }
        return found;
    }

    [[nodiscard]] auto string(std::string_view key) -> std::string_view
    {
        const auto* const found = value(key);
        const auto* const text = found == nullptr ? nullptr : found->if_string();
        if (text == nullptr) {
            fail(key, "a string", "something else");
            return {};
        }
        return *text;
    }

    [[nodiscard]] auto object(std::string_view key) -> const boost::json::object*
    {
        const auto* const found = value(key);
        const auto* const inner = found == nullptr ? nullptr : found->if_object();
        if (inner == nullptr) {
            fail(key, "an object", "something else");
        }
        return inner;
    }

    /// The member as the type that parses it.
    template <typename Parse>
    [[nodiscard]] auto parsed(std::string_view key, Parse parse)
    {
        const auto text = string(key);
        auto made = parse(text);
        if (!made) {
            fail(key, made.error().rule, shown(text));
        }
        return made;
    }

    void require(bool holds, std::string_view key, std::string_view expected, std::string_view got)
    {
        if (!holds) {
            fail(key, expected, shown(got));
        }
    }

    void fail(std::string_view key, std::string_view expected, std::string got)
    {
        if (!failure_) {
            failure_ = bad_field{.field = printable(key),
                                 .offset = offset_of_member(text_, key).value_or(0),
                                 .expected = std::string{expected},
                                 .got = std::move(got)};
        }
    }

    template <std::size_t Size>
    void refuse_others(const std::array<std::string_view, Size>& known)
    {
        for (const auto& member : *object_) {
            if (std::ranges::find(known, std::string_view{member.key()}) == known.end()) {
                fail(member.key(), "no such member", "one");
            }
        }
    }

    [[nodiscard]] auto failed() const -> bool { return failure_.has_value(); }
    [[nodiscard]] auto failure() && -> std::optional<bad_field> { return std::move(failure_); }

private:
    const boost::json::object* object_;
    std::string_view text_;
    std::optional<bad_field> failure_;
};

[[nodiscard]] inline auto is_digest(std::string_view digest) -> bool
{
    static constexpr auto longest = std::size_t{256};
    return !digest.empty() && digest.size() <= longest
           && std::ranges::all_of(digest, [](char c) { return c > ' ' && c <= '~'; });
}

/// The member `expect`: under which circumstances the operation was meant.
[[nodiscard]] inline auto read_expectation(member_reader& in, const boost::json::object& top, std::string_view text)
    -> std::optional<std::string>
{
    if (!top.contains("expect")) {
        return std::nullopt;
    }
    const auto* const expect = in.object("expect");
    if (expect == nullptr) {
        return std::nullopt;
    }
    auto inner = member_reader{*expect, text};
    const auto digest = inner.string("digest");
    inner.require(is_digest(digest), "digest", "up to 256 printable characters", digest);
    inner.refuse_others(std::array<std::string_view, 1>{"digest"});
    if (inner.failed()) {
        in.fail("expect", "{\"digest\":…} and nothing else", "an object that is not");
    }
    return std::string{digest};
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
    const auto* const top = document->if_object();
    if (top == nullptr) {
        return tl::unexpected(bad_field{"operation", 0, "an object", "another JSON value"});
    }
    auto in = detail::member_reader{*top, text};
    const auto* const version = in.value("v");
    const auto* const number = version == nullptr ? nullptr : version->if_int64();
    if (number == nullptr || *number != 1) {
        in.fail("v", "the integer 1", "something else");
    }
    const auto op = in.string("op");
    in.require(is_operation_name(op), "op", "up to 64 letters, digits, dots and hyphens", op);
    const auto host = in.string("host_id");
    const auto guest = in.parsed("guest_id", [](std::string_view t) { return vmid::parse(t); });
    const auto* const params = in.object("params");
    auto once = in.parsed("nonce", [](std::string_view t) { return nonce::parse(t); });
    const auto not_before = in.parsed("not_before", [](std::string_view t) { return parse_instant(t); });
    const auto expires_at = in.parsed("expires_at", [](std::string_view t) { return parse_instant(t); });
    const auto key_id = in.string("key_id");
    in.require(key_id.size() <= longest_text, "key_id", "at most 256 bytes", key_id);
    auto digest = detail::read_expectation(in, *top, text);
    in.refuse_others(members);
    if (!in.failed() && *expires_at <= *not_before) {
        in.fail("expires_at", "a time after not_before", to_rfc3339(*expires_at));
    }
    if (!in.failed() && *expires_at - *not_before > longest_window) {
        in.fail("expires_at", "a window of at most " + std::to_string(longest_window.count() / 1000) + " s",
                to_rfc3339(*expires_at));
    }
    if (auto failure = std::move(in).failure()) {
        return tl::unexpected(*std::move(failure));
    }
    return operation{.op = std::string{op},
                     .host_id = std::string{host},
                     .guest_id = *guest,
                     .params = boost::json::object{*params, boost::json::storage_ptr{}},
                     .nonce = *std::move(once),
                     .not_before = *not_before,
                     .expires_at = *expires_at,
                     .key_id = std::string{key_id},
                     .expected_digest = std::move(digest)};
}

} // namespace felhom::authz
