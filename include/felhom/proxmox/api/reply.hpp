// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/proxmox/api/exchange.hpp>
#include <felhom/proxmox/api/reply_json.hpp>
#include <felhom/proxmox/api/reply_node.hpp>
#include <felhom/proxmox/errors/error.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <tl/expected.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::proxmox {

namespace detail {

[[nodiscard]] inline auto without_trailing_blanks(std::string_view text) -> std::string
{
    const auto last = text.find_last_not_of(" \n\r\t");
    return std::string{text.substr(0, last == std::string_view::npos ? 0 : last + 1)};
}

} // namespace detail

/// What Proxmox VE says about an error. Since pve-http-server 5.2.0 the whole message is in the body; before, and for
/// errors raised ahead of routing, only its first line is told, in the reason phrase.
[[nodiscard]] inline auto parse_api_error(const net::response& answer) -> api_error
{
    auto error =
        api_error{.status = answer.status, .message = detail::without_trailing_blanks(answer.reason), .to = answer.to};
    if (const auto document = parse_reply_json(answer.body)) {
        const auto root = reply_node::root(*document);
        if (const auto message = root["message"].text(); message && !message->empty()) {
            error.message = detail::without_trailing_blanks(*message);
        }
        const auto errors = root["errors"];
        if (const auto* const fields = errors.if_object()) {
            for (const auto& [name, value] : *fields) {
                const auto what = scalar_text(errors.member(name, value)).value_or("");
                error.fields.emplace_back(std::string{name}, detail::without_trailing_blanks(what));
            }
            std::ranges::sort(error.fields);
        }
    } else if (error.message.empty()) {
        static constexpr auto longest = std::size_t{200};
        error.message = detail::without_trailing_blanks(std::string_view{answer.body}.substr(0, longest));
    }
    if (answer.status >= 300 && answer.status < 400) {
        error.points_to = answer.location;
    }
    static constexpr auto forbidden = 403;
    if (answer.status == forbidden) {
        error.refusal = parse_refusal(error.message);
        if (!error.refusal) {
            error.refusal = other_refusal{error.message};
        }
    }
    return error;
}

namespace detail {

/// A flaw of an answer, with the name of the call that was answered.
[[nodiscard]] inline auto flaw_of(const net::response& answer, decode_error flaw) -> call_error
{
    flaw.to = answer.to;
    return flaw;
}

} // namespace detail

/// The document of a successful answer: an object with a member `data`.
[[nodiscard]] inline auto parse_document(const net::exchanged& answer) -> tl::expected<boost::json::value, call_error>
{
    static constexpr auto first_success = 200;
    static constexpr auto after_success = 300;
    if (!answer) {
        return tl::unexpected<call_error>{answer.error()};
    }
    if (answer->status < first_success || answer->status >= after_success) {
        return tl::unexpected<call_error>{parse_api_error(*answer)};
    }
    auto document = parse_reply_json(answer->body);
    if (!document) {
        return tl::unexpected(detail::flaw_of(*answer, std::move(document).error()));
    }
    const auto* const object = document->if_object();
    if (object == nullptr || object->if_contains("data") == nullptr) {
        return tl::unexpected(
            detail::flaw_of(*answer, reply_node::root(*document).fail("an object with a member 'data'")));
    }
    return *std::move(document);
}

} // namespace felhom::proxmox
