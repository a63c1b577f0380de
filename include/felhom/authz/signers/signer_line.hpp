// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/keys/key_line_form.hpp>
#include <felhom/authz/keys/public_key.hpp>
#include <felhom/authz/sshsig/base64.hpp>
#include <felhom/authz/sshsig/verify_signature.hpp>
#include <felhom/core/ascii.hpp>
#include <felhom/core/contains.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace felhom::authz {

/// A line of authorized_keys, as far as it concerns signing operations.
struct signer_line {
    token_demand demand;
    std::vector<char> blob; ///< of a public key, in its canonical encoding
    std::string comment;

    friend auto operator==(const signer_line&, const signer_line&) -> bool = default;

    [[nodiscard]] auto key() const -> std::string_view { return {blob.data(), blob.size()}; }
};

namespace detail {

/// Reads the options. Only verify-required means something for signing. All others are refused and not passed over: one
/// who wrote from="..." or no-touch-required expects an effect.
[[nodiscard]] inline auto read_options(std::string_view options, std::size_t offset)
    -> tl::expected<token_demand, bad_field>
{
    for (auto at = std::size_t{0};;) {
        const auto comma = std::min(options.find(',', at), options.size());
        const auto option = options.substr(at, comma - at);
        if (ascii::to_lower(option) != "verify-required") {
            return tl::unexpected(bad_field{"option", offset + at, "verify-required, the only option of signers",
                                            shown(option.substr(0, option.find('=')))});
        }
        if (comma == options.size()) {
            return token_demand::presence_and_verification;
        }
        at = comma + 1;
    }
}

} // namespace detail

/// Reads one authorized_keys line, `[options] type base64 [comment]`, with the rules of sshd(8).
[[nodiscard]] inline auto parse_signer_line(std::string_view line) -> tl::expected<signer_line, bad_field>
{
    const auto refused = [](std::string_view field, std::size_t at, std::string_view expected, std::string got) {
        return tl::unexpected(bad_field{std::string{field}, at, std::string{expected}, std::move(got)});
    };
    if (line.ends_with('\n')) {
        line.remove_suffix(1);
    }
    if (line.ends_with('\r')) {
        line.remove_suffix(1);
    }
    if (auto why = why_no_key_line(line)) {
        return tl::unexpected(*std::move(why));
    }
    auto demand = token_demand::presence;
    auto at = detail::skip_blanks(line, 0);
    // The first word is options unless it names a key type.
    if (const auto end = detail::word_end(line, at); !contains(signer_key_types, line.substr(at, end - at))) {
        if (auto form = detail::foreign_line(line)) {
            return refused("line", at, "a line as in authorized_keys", *std::move(form));
        }
        const auto options = line.substr(at, detail::options_end(line, at) - at);
        const auto read = detail::read_options(options, at);
        if (!read) {
            return tl::unexpected(read.error());
        }
        demand = *read;
        at = detail::skip_blanks(line, at + options.size());
    }
    const auto type_at = at;
    const auto type = line.substr(at, detail::word_end(line, at) - at);
    at = detail::skip_blanks(line, at + type.size());
    const auto text = line.substr(at, detail::word_end(line, at) - at);
    auto blob = decode_base64(text);
    if (!blob) {
        return refused("key", at + blob.error().offset, "base64", std::move(blob.error().reason));
    }
    const auto key = public_key::parse({blob->data(), blob->size()});
    if (!key) {
        return tl::unexpected(key.error());
    }
    if (key->type() != type) {
        return refused("key type", type_at, "the type inside of the key, " + std::string{key->type()}, shown(type));
    }
    const auto in_token = detail::application_of(key->material()).has_value();
    if (demand == token_demand::presence_and_verification && !in_token) {
        return refused("option", 0, "a key that lives in a token, for verify-required", std::string{key->type()});
    }
    const auto comment = line.substr(detail::skip_blanks(line, at + text.size()));
    return signer_line{.demand = demand, .blob = *std::move(blob), .comment = std::string{comment}};
}

} // namespace felhom::authz
