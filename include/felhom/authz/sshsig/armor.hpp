// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/sshsig/base64.hpp>
#include <felhom/authz/sshsig/wire.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::authz {

namespace detail {

/// Where a digit of the joined lines stands in the file.
[[nodiscard]] inline auto offset_in_file(std::string_view file, std::size_t at, std::size_t digits) -> std::size_t
{
    for (;; ++at) {
        const auto rest = file.substr(at);
        const auto line_end = rest.starts_with('\n') || rest.starts_with("\r\n");
        if (rest.empty() || (!line_end && digits == 0)) {
            return at;
        }
        digits -= line_end ? 0 : 1;
    }
}

} // namespace detail

/// Takes the base64 body out of an SSH signature's armor (PROTOCOL.sshsig) and decodes it. The file is one signature
/// and nothing else; the width of its lines is free, and they end in LF or CRLF.
[[nodiscard]] inline auto decode_armor(std::string_view file) -> tl::expected<std::vector<char>, bad_field>
{
    static constexpr auto longest = std::size_t{64} * 1024;
    static constexpr auto begin = std::string_view{"-----BEGIN SSH SIGNATURE-----"};
    static constexpr auto end = std::string_view{"-----END SSH SIGNATURE-----"};
    if (file.size() > longest) {
        return tl::unexpected(bad_field{"armor", longest, "at most " + std::to_string(longest) + " bytes",
                                        std::to_string(file.size()) + " bytes"});
    }
    auto at = std::size_t{0};
    // The next line without its LF or CRLF. Only the last may lack the LF.
    const auto next_line = [&] {
        const auto stop = std::min(file.find('\n', at), file.size());
        auto line = file.substr(at, stop - at);
        if (stop < file.size() && line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        at = std::min(stop + 1, file.size());
        return line;
    };
    const auto refused = [](std::string_view field, std::size_t offset, std::string expected, std::string_view got) {
        return tl::unexpected(bad_field{std::string{field}, offset, std::move(expected), shown(got)});
    };

    if (const auto line = next_line(); line != begin) {
        return refused("armor begin", 0, shown(begin), line);
    }
    auto body = std::string{};
    body.reserve(file.size());
    for (;;) {
        const auto start = at;
        const auto line = next_line();
        if (line == end) {
            break;
        }
        if (start == file.size()) {
            return refused("armor end", start, shown(end), "");
        }
        if (line.empty()) {
            return refused("armor body", start, "base64 or " + shown(end), line);
        }
        body += line;
    }
    for (auto start = at; start < file.size(); start = at) {
        if (const auto line = next_line(); !line.empty()) {
            return refused("armor", start, "nothing after its end", line);
        }
    }
    if (body.empty()) {
        return refused("armor body", begin.size() + 1, "base64", "");
    }
    auto bytes = decode_base64(body);
    if (!bytes) {
        return tl::unexpected(bad_field{"armor body", detail::offset_in_file(file, begin.size(), bytes.error().offset),
                                        "base64 without blanks, padded exactly", bytes.error().reason});
    }
    return *std::move(bytes);
}

} // namespace felhom::authz
