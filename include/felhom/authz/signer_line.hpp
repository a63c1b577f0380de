#pragma once

#include <felhom/authz/base64.hpp>
#include <felhom/authz/public_key.hpp>
#include <felhom/authz/verify_signature.hpp>
#include <felhom/core/ascii.hpp>

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

[[nodiscard]] inline auto is_blank(char c) -> bool
{
    return c == ' ' || c == '\t';
}

[[nodiscard]] inline auto skip_blanks(std::string_view line, std::size_t at) -> std::size_t
{
    while (at < line.size() && is_blank(line[at])) {
        ++at;
    }
    return at;
}

[[nodiscard]] inline auto word_end(std::string_view line, std::size_t at) -> std::size_t
{
    while (at < line.size() && !is_blank(line[at])) {
        ++at;
    }
    return at;
}

/// Where the options end: at the first blank outside of quotes, in which \" is a quote that does not close them.
[[nodiscard]] inline auto options_end(std::string_view line, std::size_t at) -> std::size_t
{
    auto quoted = false;
    for (; at < line.size() && (quoted || !is_blank(line[at])); ++at) {
        if (line.substr(at).starts_with("\\\"")) {
            ++at;
        } else if (line[at] == '"') {
            quoted = !quoted;
        }
    }
    return std::min(at, line.size());
}

[[nodiscard]] inline auto is_key_type(std::string_view word) -> bool
{
    static constexpr auto known = std::array<std::string_view, 7>{"ssh-ed25519",
                                                                  "sk-ssh-ed25519@openssh.com",
                                                                  "ssh-rsa",
                                                                  "ecdsa-sha2-nistp256",
                                                                  "ecdsa-sha2-nistp384",
                                                                  "ecdsa-sha2-nistp521",
                                                                  "sk-ecdsa-sha2-nistp256@openssh.com"};
    return std::ranges::any_of(known, [&](std::string_view type) { return type == word; });
}

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
    static constexpr auto longest = std::size_t{16} * 1024;
    const auto refused = [](std::string_view field, std::size_t at, std::string_view expected, std::string got) {
        return tl::unexpected(bad_field{std::string{field}, at, std::string{expected}, std::move(got)});
    };
    if (line.ends_with('\n')) {
        line.remove_suffix(1);
    }
    if (line.ends_with('\r')) {
        line.remove_suffix(1);
    }
    if (line.size() > longest) {
        return refused("line", longest, "at most 16384 bytes", std::to_string(line.size()) + " bytes");
    }
    if (const auto at = line.find_first_of(std::string_view{"\0\r\n", 3}); at != std::string_view::npos) {
        return refused("line", at, "one line of text", shown(line.substr(at, 1)));
    }
    auto demand = token_demand::presence;
    auto at = detail::skip_blanks(line, 0);
    // The first word is options unless it names a key type.
    if (const auto end = detail::word_end(line, at); !detail::is_key_type(line.substr(at, end - at))) {
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
