// SPDX-License-Identifier: Apache-2.0
#include "agent/verify/verify_request.hpp"

#include <felhom/authz/operation/bundle.hpp>
#include <felhom/authz/operation/operation.hpp>
#include <felhom/authz/sshsig/base64.hpp>
#include <felhom/core/json/object_reader.hpp>
#include <felhom/core/parse_error.hpp>
#include <felhom/core/printable.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace felhom::agent {

namespace {

template <typename T>
using asked = tl::expected<T, bad_request>;

constexpr auto most_armor_bytes = std::size_t{64} * 1024;

/// The strings of a request, wherever they came from.
struct request_texts {
    std::string signers;
    std::string host_id;
    std::optional<std::string> at;
    std::optional<std::string> nonce_store;
};

/// "500ms", "30s", "5m", "24h", for the option of this name.
auto parse_duration(std::string_view option, std::string_view text, std::chrono::milliseconds longest)
    -> asked<std::chrono::milliseconds>
{
    auto number = std::uint32_t{};
    const auto [stopped, status] = std::from_chars(text.data(), text.data() + text.size(), number);
    const auto unit = text.substr(static_cast<std::size_t>(stopped - text.data()));
    const auto scale = unit == "ms" ? 1 : unit == "s" ? 1000 : unit == "m" ? 60'000 : unit == "h" ? 3'600'000 : 0;
    const auto duration = std::chrono::milliseconds{std::int64_t{number} * scale};
    if (status != std::errc{} || scale == 0 || duration > longest) {
        return tl::unexpected(bad_request{
            std::string{option} + " '" + printable(text) + "': expected a number followed by ms, s, m or h, at most "
            + std::to_string(std::chrono::duration_cast<std::chrono::hours>(longest).count()) + " hours in all"});
    }
    return duration;
}

constexpr auto as_request = [](const parse_error& e) { return bad_request{describe(e)}; };

auto make_request(request_texts texts, const authz::time_policy& policy, authz::bundle both, const verify_io& effects)
    -> asked<verify_request>
{
    auto here = host_id::parse(texts.host_id).map_error(as_request);
    if (!here) {
        return tl::unexpected(std::move(here).error());
    }
    const auto now = texts.at ? parse_instant(*texts.at).map_error(as_request) : asked<instant>{effects.now()};
    if (!now) {
        return tl::unexpected(now.error());
    }
    return verify_request{.signers = std::move(texts.signers),
                          .here = *std::move(here),
                          .now = *now,
                          .policy = policy,
                          .armor = std::move(both.armor),
                          .blob = std::move(both.blob),
                          .nonce_store = std::move(texts.nonce_store)};
}

auto read(const verify_io& effects, const std::string& path, std::size_t most) -> asked<std::string>
{
    return effects.read_file(path, most).map_error([](std::string why) { return bad_request{std::move(why)}; });
}

/// Everything that the command line lacks, so that one look mends it.
auto require_options(const verify_options& options) -> asked<void>
{
    auto lacking = std::string{};
    const auto require = [&](bool given, std::string_view option) {
        if (!given) {
            lacking.append(lacking.empty() ? "" : ", ").append(option);
        }
    };
    require(!options.signers.empty(), "--signers FILE");
    require(!options.host_id.empty(), "--host-id H");
    if (options.blob.empty() && options.signature.empty()) {
        require(options.bundle.has_value(), "--bundle FILE (or --blob FILE and --signature FILE)");
    } else if (!options.bundle) {
        require(!options.blob.empty(), "--blob FILE");
        require(!options.signature.empty(), "--signature FILE");
    }
    return lacking.empty() ? asked<void>{} : tl::unexpected(bad_request{"missing: " + lacking});
}

/// The operation and its signature that the command line names.
auto read_operation(const verify_options& options, const verify_io& effects) -> asked<authz::bundle>
{
    static constexpr auto most_bundle_bytes = std::size_t{4} << 20U;
    if (options.bundle) {
        if (!options.blob.empty() || !options.signature.empty()) {
            return tl::unexpected(
                bad_request{"--bundle holds what --blob and --signature name: give one or the other"});
        }
        return read(effects, *options.bundle, most_bundle_bytes).and_then([&](const std::string& text) {
            return authz::parse_bundle(text).map_error(
                [&](const json_error& e) { return bad_request{*options.bundle + ": " + describe(e)}; });
        });
    }
    auto armor = read(effects, options.signature, most_armor_bytes);
    if (!armor) {
        return tl::unexpected(std::move(armor).error());
    }
    return read(effects, options.blob, authz::longest_operation).map([&](std::string blob) {
        return authz::bundle{.blob = std::move(blob), .armor = *std::move(armor)};
    });
}

/// The bytes in a file, or those that stand beside its name in Base64.
struct named_bytes {
    std::string_view key; ///< of the file; that of the bytes ends in _b64
    std::optional<std::string> path;
    std::optional<std::string> base64;

    [[nodiscard]] auto read_from(const verify_io& effects, std::size_t most) const -> asked<std::string>
    {
        const auto name = std::string{key};
        if (path.has_value() == base64.has_value()) {
            return tl::unexpected(bad_request{"either " + name + " or " + name + "_b64 is needed"});
        }
        if (path) {
            return read(effects, *path, most);
        }
        return authz::decode_base64(base64.value_or(""))
            .map([](const std::vector<char>& decoded) { return std::string{decoded.begin(), decoded.end()}; })
            .map_error([&](const authz::base64_error& e) {
                return bad_request{name + "_b64: " + e.reason + " at " + std::to_string(e.offset)};
            });
    }
};

/// One line of a batch. What it does not name is as the command line says.
struct batch_line {
    std::optional<std::string> signers;
    std::optional<std::string> host_id;
    std::optional<std::string> at;
    std::optional<std::string> nonce_store;
    std::optional<std::int64_t> skew_s;
    named_bytes blob;
    named_bytes signature;
};

auto read_batch_line(const boost::json::value& line) -> asked<batch_line>
{
    static constexpr auto known = std::array<std::string_view, 10>{
        "name", "signers", "host_id", "at", "skew_s", "blob", "blob_b64", "signature", "signature_b64", "nonce_store"};
    static constexpr auto greatest_skew = std::int64_t{std::chrono::seconds{std::chrono::hours{24}}.count()};
    auto in = object_reader{basic_json_node<nullable_json>::root(line)};
    in.only(known); // one that means nothing would be passed over where its author expects an effect
    auto read = batch_line{
        .signers = in.text_if("signers"),
        .host_id = in.text_if("host_id"),
        .at = in.text_if("at"),
        .nonce_store = in.text_if("nonce_store"),
        .skew_s = in.integer_if<std::int64_t>("skew_s", 0, greatest_skew),
        .blob = {.key = "blob", .path = in.text_if("blob"), .base64 = in.text_if("blob_b64")},
        .signature = {.key = "signature", .path = in.text_if("signature"), .base64 = in.text_if("signature_b64")}};
    return std::move(in).finish(std::move(read)).map_error([](const json_error& why) {
        return bad_request{describe(why)};
    });
}

} // namespace

auto read_policy(const verify_options& options) -> asked<authz::time_policy>
{
    static constexpr auto greatest_window = std::chrono::hours{24 * 7};
    const auto skew = parse_duration("--skew", options.skew, authz::time_policy::greatest_skew);
    if (!skew) {
        return tl::unexpected(skew.error());
    }
    return parse_duration("--max-window", options.max_window, greatest_window)
        .map([&](std::chrono::milliseconds window) {
            return authz::time_policy{.skew = *skew, .longest_window = window};
        });
}

auto read_request(const verify_options& options, const verify_io& effects) -> asked<verify_request>
{
    if (auto complete = require_options(options); !complete) {
        return tl::unexpected(std::move(complete).error());
    }
    const auto policy = read_policy(options);
    if (!policy) {
        return tl::unexpected(policy.error());
    }
    return read_operation(options, effects).and_then([&](authz::bundle both) {
        return make_request({.signers = options.signers,
                             .host_id = options.host_id,
                             .at = options.at,
                             .nonce_store = options.nonce_store},
                            *policy, std::move(both), effects);
    });
}

auto read_request(const boost::json::value& line, const verify_options& options, const verify_io& effects)
    -> asked<verify_request>
{
    const auto in = read_batch_line(line);
    if (!in) {
        return tl::unexpected(in.error());
    }
    const auto signers = in->signers ? in->signers : options.signers;
    if (signers.value_or("").empty()) {
        return tl::unexpected(bad_request{"no signers: name their file on the line, or by --signers"});
    }
    auto policy = read_policy(options);
    if (!policy) {
        return tl::unexpected(std::move(policy).error());
    }
    if (const auto skew = in->skew_s) {
        policy->skew = std::chrono::seconds{*skew};
    }
    auto armor = in->signature.read_from(effects, most_armor_bytes);
    if (!armor) {
        return tl::unexpected(std::move(armor).error());
    }
    auto blob = in->blob.read_from(effects, authz::longest_operation);
    if (!blob) {
        return tl::unexpected(std::move(blob).error());
    }
    const auto host = in->host_id ? in->host_id : options.host_id;
    return make_request({.signers = signers.value_or(""),
                         .host_id = host.value_or(""),
                         .at = in->at ? in->at : options.at,
                         .nonce_store = in->nonce_store ? in->nonce_store : options.nonce_store},
                        *policy, {.blob = *std::move(blob), .armor = *std::move(armor)}, effects);
}

} // namespace felhom::agent
