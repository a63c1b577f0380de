// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/sshsig/wire.hpp>
#include <felhom/core/ascii.hpp>
#include <felhom/core/contains.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

// What a text is that was given for a line of authorized_keys and is none: in words, since a key's own bytes help
// nobody and may be secret.
namespace felhom::authz {

inline constexpr auto signer_key_types = std::array<std::string_view, 7>{
    "ssh-ed25519",         "sk-ssh-ed25519@openssh.com",        "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521", "sk-ecdsa-sha2-nistp256@openssh.com"};

inline constexpr auto longest_key_line = std::size_t{16} * 1024;

namespace detail {

[[nodiscard]] constexpr auto is_blank(char c) -> bool
{
    return c == ' ' || c == '\t';
}

[[nodiscard]] constexpr auto skip_blanks(std::string_view line, std::size_t at) -> std::size_t
{
    while (at < line.size() && is_blank(line[at])) {
        ++at;
    }
    return at;
}

[[nodiscard]] constexpr auto word_end(std::string_view line, std::size_t at) -> std::size_t
{
    while (at < line.size() && !is_blank(line[at])) {
        ++at;
    }
    return at;
}

/// Where the options end: at the first blank outside of quotes, in which \" is a quote that does not close them.
[[nodiscard]] constexpr auto options_end(std::string_view line, std::size_t at) -> std::size_t
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

/// The options of authorized_keys (sshd(8), AUTHORIZED_KEYS FILE FORMAT).
[[nodiscard]] inline auto is_option_of_authorized_keys(std::string_view name) -> bool
{
    static constexpr auto known = std::array<std::string_view, 22>{"agent-forwarding",
                                                                   "cert-authority",
                                                                   "command",
                                                                   "environment",
                                                                   "expiry-time",
                                                                   "from",
                                                                   "no-agent-forwarding",
                                                                   "no-port-forwarding",
                                                                   "no-pty",
                                                                   "no-touch-required",
                                                                   "no-user-rc",
                                                                   "no-x11-forwarding",
                                                                   "permitlisten",
                                                                   "permitopen",
                                                                   "port-forwarding",
                                                                   "principals",
                                                                   "pty",
                                                                   "restrict",
                                                                   "tunnel",
                                                                   "user-rc",
                                                                   "verify-required",
                                                                   "x11-forwarding"};
    return contains(known, ascii::to_lower(name));
}

/// Where in a line a type of key stands as a word that is neither the first nor, behind options, the second.
[[nodiscard]] inline auto later_key_type(std::string_view line) -> std::optional<std::size_t>
{
    for (auto at = options_end(line, skip_blanks(line, 0)); at < line.size();) {
        at = skip_blanks(line, at);
        const auto end = options_end(line, at);
        if (contains(signer_key_types, line.substr(at, end - at))) {
            return at;
        }
        at = end;
    }
    return std::nullopt;
}

[[nodiscard]] inline auto name_of_control(char c) -> std::string
{
    return c == '\n' ? "a newline" : c == '\r' ? "a carriage return" : c == '\0' ? "a NUL" : "a control character";
}

/// A whole form, known by how it begins.
[[nodiscard]] inline auto foreign_form(std::string_view text) -> std::optional<std::string>
{
    if (text.starts_with("---- BEGIN SSH2 PUBLIC KEY")) {
        return "an RFC 4716 file; `ssh-keygen -i -f FILE` makes a line of it";
    }
    if (text.starts_with("-----BEGIN ")) {
        return text.substr(0, text.find('\n')).find("PRIVATE KEY") != std::string_view::npos
                   ? "a private key, which belongs to nobody but its owner; take the line in its .pub file"
                   : "a PEM file; `ssh-keygen -i -m PKCS8 -f FILE` makes a line of it";
    }
    if (text.starts_with("PuTTY-User-Key-File")) {
        return "a private key of PuTTY; take the line that PuTTYgen shows for authorized_keys";
    }
    if (text.starts_with("\xEF\xBB\xBF")) {
        return "a UTF-8 byte order mark before it; save it without";
    }
    return std::nullopt;
}

/// A line of another form, known by its words.
[[nodiscard]] inline auto foreign_line(std::string_view line) -> std::optional<std::string>
{
    const auto at = skip_blanks(line, 0);
    const auto first = line.substr(at, word_end(line, at) - at);
    const auto option = first.substr(0, first.find_first_of(",="));
    if (first.ends_with("-cert-v01@openssh.com")) {
        return "a certificate, which is not accepted; take the plain key";
    }
    if (is_option_of_authorized_keys(option)) {
        return std::nullopt;
    }
    if (const auto type = later_key_type(line)) {
        return "a line of allowed_signers or known_hosts; take what begins with "
               + std::string{line.substr(*type, word_end(line, *type) - *type)} + " at byte " + std::to_string(*type);
    }
    if (first.find("SHA256:") != std::string_view::npos || line.find(" SHA256:") != std::string_view::npos
        || line.find(" MD5:") != std::string_view::npos) {
        return "a fingerprint, which is not the key; take the line in the key's .pub file";
    }
    if (first.starts_with("AAAA")) {
        return "base64 without the type of the key before it";
    }
    return "no type of a key that may sign operations";
}

} // namespace detail

/// What a text is instead of one line; nothing where it is one. Blanks and tabs are taken, as OpenSSH does.
[[nodiscard]] inline auto why_no_key_line(std::string_view text) -> std::optional<bad_field>
{
    const auto refused = [](std::size_t at, std::string_view expected, std::string got) {
        return bad_field{"line", at, std::string{expected}, std::move(got)};
    };
    if (auto form = detail::foreign_form(text)) {
        return refused(0, "a line as in authorized_keys", *std::move(form));
    }
    if (text.size() > longest_key_line) {
        return refused(longest_key_line, "at most " + std::to_string(longest_key_line) + " bytes",
                       std::to_string(text.size()) + " bytes");
    }
    const auto is_control = [](char c) { return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f'; };
    if (const auto* const control = std::ranges::find_if(text, is_control); control != text.end()) {
        const auto at = static_cast<std::size_t>(control - text.begin());
        return refused(at, "one line of text", detail::name_of_control(*control));
    }
    if (text.find_first_not_of(" \t") == std::string_view::npos) {
        return refused(0, "a line as in authorized_keys", "nothing");
    }
    return std::nullopt;
}

} // namespace felhom::authz
