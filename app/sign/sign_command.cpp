// SPDX-License-Identifier: Apache-2.0
#include "sign/sign_command.hpp"

#include "sign/ssh_keygen.hpp"

#include <felhom/authz/error.hpp>
#include <felhom/authz/operation/write_operation.hpp>
#include <felhom/authz/rehearsal.hpp>
#include <felhom/authz/signers/signer_limits.hpp>
#include <felhom/authz/signers/signer_line.hpp>
#include <felhom/authz/signers/signers_json.hpp>
#include <felhom/core/hex.hpp>
#include <felhom/core/host_id.hpp>
#include <felhom/core/json/strict.hpp>
#include <felhom/core/json/writer.hpp>
#include <felhom/core/parse_error.hpp>
#include <felhom/core/printable.hpp>
#include <felhom/operate/operation/operation_params.hpp>

#include <openssl/rand.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

namespace felhom::sign {

namespace {

/// "90s", "15m", "2h".
auto parse_validity(std::string_view text) -> or_prose<std::chrono::seconds>
{
    auto number = std::uint32_t{};
    const auto [stopped, status] = std::from_chars(text.data(), text.data() + text.size(), number);
    const auto unit = text.substr(static_cast<std::size_t>(stopped - text.data()));
    const auto scale = unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : 0;
    if (status != std::errc{} || scale == 0) {
        return tl::unexpected("'" + std::string{text} + "' is no duration: expected a number followed by s, m or h");
    }
    return std::chrono::seconds{std::int64_t{number} * scale};
}

auto parse_params(std::string_view text) -> or_prose<boost::json::object>
{
    const auto prose = [](const std::string& why) { return tl::unexpected("params: " + why); };
    auto value = parse_strict_json(text, {.integers_only = true});
    if (!value) {
        return prose(describe(json_error{value.error()}));
    }
    auto* const object = value->if_object();
    if (object == nullptr) {
        return prose("expected a JSON object");
    }
    return std::move(*object);
}

auto whole_file(const std::string& path) -> std::optional<std::string>
{
    auto in = std::ifstream{path, std::ios::binary};
    return in ? std::optional{std::string{std::istreambuf_iterator<char>{in}, {}}} : std::nullopt;
}

/// The public half of a key, beside it or in its own place.
auto public_half(const std::string& key_file) -> or_prose<authz::signer_line>
{
    for (const auto& path : {key_file + ".pub", key_file}) {
        const auto text = whole_file(path);
        auto line = authz::parse_signer_line(text ? std::string_view{*text}.substr(0, text->find_first_of("\r\n"))
                                                  : std::string_view{});
        if (line) {
            return *std::move(line);
        }
    }
    return tl::unexpected("to hold the key against the signers, its public half is needed: " + key_file + ".pub");
}

constexpr auto in_prose = [](const parse_error& e) { return describe(e); };

} // namespace

auto plan_operation(const sign_options& options, instant now, std::string_view nonce) -> or_prose<authz::operation>
{
    const auto host = host_id::parse(options.host).map_error(in_prose);
    if (!host) {
        return tl::unexpected(host.error());
    }
    const auto guest = vmid::parse(options.guest).map_error(in_prose);
    if (!guest) {
        return tl::unexpected(guest.error());
    }
    const auto valid = parse_validity(options.valid);
    if (!valid) {
        return tl::unexpected(valid.error());
    }
    const auto begins = options.not_before ? parse_instant(*options.not_before).map_error(in_prose)
                                           : or_prose<instant>{std::chrono::floor<std::chrono::seconds>(now)};
    if (!begins) {
        return tl::unexpected(begins.error());
    }
    auto params = parse_params(options.params);
    if (!params) {
        return tl::unexpected(std::move(params).error());
    }
    // What the host would refuse is not signed in the first place, and told in its words.
    if (const auto read = operate::parse_signed_operation(options.op, *params); !read) {
        return tl::unexpected(operate::describe(read.error()));
    }
    auto once = authz::nonce::parse(nonce).map_error(in_prose);
    if (!once) {
        return tl::unexpected(std::move(once).error());
    }
    const auto planned = authz::operation{
        .op = options.op,
        .host_id = host->text(),
        .guest_id = *guest,
        .params = *std::move(params),
        .nonce = *std::move(once),
        .not_before = *begins,
        .expires_at = *begins + *valid,
        .key_id = options.key_id.empty() ? std::filesystem::path{options.key}.stem().string() : options.key_id,
        .expected_digest = options.expect_digest};
    return authz::write_operation(planned)
        .map_error([](const json_type_error& e) { return describe(json_error{e}); })
        .and_then([](const std::string& text) {
            return authz::parse_operation(text, authz::time_policy{}.longest_window)
                .map_error([](const authz::bad_field& e) { return describe(e); });
        });
}

auto check_signer(const sign_options& options, const authz::operation& op) -> or_prose<void>
{
    if (!options.signers) {
        return {};
    }
    const auto text = whole_file(*options.signers);
    const auto listed = text ? authz::parse_signers_file(*text).map_error(
                                   [](const authz::signers_file_error& e) { return authz::describe(e); })
                             : or_prose<authz::signers>{tl::unexpected(std::string{"it cannot be read"})};
    if (!listed) {
        return tl::unexpected(*options.signers + ": " + listed.error());
    }
    const auto key = public_half(options.key);
    if (!key) {
        return tl::unexpected(key.error());
    }
    const auto by = authz::signer_at(*listed, key->key(), op.not_before);
    if (!by) {
        return tl::unexpected("the host would refuse this key: " + authz::describe(by.error()));
    }
    if (const auto refused = authz::objection_to(**by, op.op)) {
        return tl::unexpected("the host would refuse this key: " + authz::describe(*refused));
    }
    return {};
}

auto summary(const authz::operation& op) -> std::string
{
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(op.expires_at - op.not_before);
    auto text = "operation  " + op.op + "\nguest      " + op.guest_id.text() + "\nhost       " + printable(op.host_id)
                + "\nvalid      " + to_rfc3339(op.not_before) + " to " + to_rfc3339(op.expires_at) + " ("
                + std::to_string(minutes.count()) + " min)\n";
    if (op.expected_digest) {
        text += "expects    digest " + *op.expected_digest + "\n";
    }
    if (!op.params.empty()) {
        text += "params     " + print_json(op.params, json_escape::ascii) + "\n";
    }
    return text + "key id     " + printable(op.key_id) + "\nnonce      " + op.nonce.text() + "\n";
}

auto sign_operation(const authz::operation& op, const std::string& key, authz::message_hash hash)
    -> or_prose<authz::bundle>
{
    return authz::write_operation(op)
        .map_error([](const json_type_error& e) { return describe(json_error{e}); })
        .and_then([&](const std::string& blob) { return sign_bytes(blob, key, hash); });
}

auto sign_bytes(const std::string& blob, const std::string& key, authz::message_hash hash) -> or_prose<authz::bundle>
{
    auto armor = ssh_keygen_sign(key, hash, blob);
    if (!armor) {
        return tl::unexpected(std::move(armor).error());
    }
    auto both = authz::bundle{.blob = blob, .armor = *std::move(armor)};
    // What no agent accepts is found out here: a key of another type, a token that nobody touched.
    if (const auto accepted = authz::rehearse(both); !accepted) {
        return tl::unexpected("the agent would refuse this signature: " + authz::describe(accepted.error()));
    }
    return both;
}

auto random_nonce() -> or_prose<std::string>
{
    auto bytes = std::array<unsigned char, 32>{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
        return tl::unexpected(std::string{"no random numbers"});
    }
    auto text = std::string{};
    for (const auto byte : bytes) {
        append_hex(text, byte);
    }
    return text;
}

} // namespace felhom::sign
