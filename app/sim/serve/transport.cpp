// SPDX-License-Identifier: Apache-2.0
#include "sim/serve/transport.hpp"

#include "sim/api/calls.hpp"
#include "sim/api/parameters.hpp"
#include "sim/api/text.hpp"

#include <felhom/core/ascii.hpp>
#include <felhom/core/contains.hpp>

#include <boost/json/serialize.hpp>
#include <date/date.h>

#include <array>
#include <sstream>

namespace felhom::sim {

namespace {

constexpr auto largest_body = std::size_t{512} * 1024;
constexpr auto largest_header = std::size_t{8} * 1024;
constexpr auto most_headers = std::size_t{64};

auto first_line(const std::string& text) -> std::string
{
    return text.substr(0, text.find('\n'));
}

/// "Mon, 23 Nov 2026 11:05:06 GMT" (RFC 9110 section 5.6.7).
auto http_date(instant at) -> std::string
{
    return date::format("%a, %d %b %Y %T GMT", std::chrono::floor<std::chrono::seconds>(at));
}

auto without_body(int status, std::string reason, instant now) -> http_response
{
    auto response = http_response{.status = status, .reason = std::move(reason), .closes = true};
    const auto date = http_date(now);
    response.headers = {{"Cache-Control", "max-age=0"}, {"Connection", "close"},          {"Date", date},
                        {"Pragma", "no-cache"},         {"Server", "pve-api-daemon/3.0"}, {"Expires", date}};
    return response;
}

void set_body(http_response& response, std::string body, std::string_view type)
{
    response.headers.push_back({"Content-Length", std::to_string(body.size())});
    if (!type.empty()) {
        response.headers.push_back({"Content-Type", std::string{type}});
    }
    response.body = std::move(body);
}

/// A request taken apart: which formatter, which call.
struct route {
    std::string format;
    std::vector<std::string> segments;
    std::string query;

    [[nodiscard]] auto path() const -> std::string { return "/" + joined(segments, "/"); }
};

auto route_of(std::string_view target) -> route
{
    const auto question = target.find('?');
    auto parts = split(target.substr(0, question), "/");
    auto found = route{};
    found.query = question == std::string_view::npos ? "" : std::string{target.substr(question + 1)};
    if (parts.size() < 2 || parts.front() != "api2") {
        return found;
    }
    found.format = parts[1];
    for (auto at = std::size_t{2}; at < parts.size(); ++at) {
        found.segments.push_back(percent_decoded(parts[at]));
    }
    return found;
}

/// The volume of a storage's content has a slash in its name, which may stand raw in the path.
void join_volume(std::vector<std::string>& segments)
{
    static constexpr auto volume_at = std::size_t{5};
    if (segments.size() > volume_at + 1 && segments[2] == "storage" && segments[4] == "content") {
        for (auto at = volume_at + 1; at < segments.size(); ++at) {
            segments[volume_at] += "/" + segments[at];
        }
        segments.resize(volume_at + 1);
    }
}

auto header_bytes(const http_request& request) -> std::size_t
{
    auto bytes = request.target.size();
    for (const auto& header : request.headers) {
        bytes += header.name.size() + header.value.size() + 4;
    }
    return bytes;
}

/// What is refused before anything of the request is understood (AnyEvent.pm, unshift_read_header).
auto refused_on_sight(const http_request& request, instant now) -> std::optional<http_response>
{
    if (header_bytes(request) >= largest_header || request.headers.size() >= most_headers) {
        static constexpr auto idle = std::chrono::seconds{5};
        return http_response{.status = 0, .reason = {}, .delay = idle, .dropped = true, .closes = true};
    }
    static constexpr auto methods = std::array<std::string_view, 4>{"GET", "POST", "PUT", "DELETE"};
    if (!contains(methods, request.method)) {
        return without_body(501, "method '" + request.method + "' not available", now);
    }
    if (find_header(request.headers, "Transfer-Encoding")) {
        return plain_answer(501, "chunked transfer encoding not supported", "chunked transfer encoding not supported",
                            now);
    }
    return std::nullopt;
}

auto refused_body(const http_request& request, instant now) -> std::optional<http_response>
{
    if (request.body.empty()) {
        return std::nullopt;
    }
    if (request.method == "GET" || request.method == "DELETE") {
        const auto text = "Unexpected content for method '" + request.method + "'";
        return plain_answer(501, text, text, now);
    }
    if (request.body.size() > largest_body) {
        return plain_answer(501, "for data too large", "for data too large", now);
    }
    const auto type = find_header(request.headers, "Content-Type").value_or("application/x-www-form-urlencoded");
    if (!type.starts_with("application/x-www-form-urlencoded") && !type.starts_with("application/json")) {
        const auto text = "upload 'Content-Type '" + std::string{type} + "' not implemented";
        return plain_answer(506, text, text, now);
    }
    return std::nullopt;
}

auto decode(const http_request& request, const route& to, parameters& into) -> tl::expected<void, refusal>
{
    const auto type = find_header(request.headers, "Content-Type").value_or("");
    if (type.starts_with("application/json") && !request.body.empty()) {
        if (auto decoded = decode_json(request.body, into); !decoded) {
            return decoded;
        }
    } else {
        decode_form(request.body, into);
    }
    auto query = parameters{};
    decode_form(to.query, query);
    for (const auto& [key, values] : query.values()) {
        for (const auto& value : values) {
            into.add(key, value);
        }
    }
    return {};
}

/// The `{name}` parts of a path take their values from the request's path.
auto fill_path_parameters(const endpoint& called, const route& to, parameters& given) -> tl::expected<void, refusal>
{
    for (auto at = std::size_t{0}; at < called.segments.size(); ++at) {
        const auto& segment = called.segments[at];
        if (!segment.starts_with('{')) {
            continue;
        }
        const auto name = segment.substr(1, segment.size() - 2);
        if (given.has(name) && given.text(name) != to.segments[at]) {
            return invalid({{name, "duplicate parameter (already defined in URI) with conflicting values!"}});
        }
        given.replace(name, to.segments[at]);
    }
    return {};
}

auto filled(std::string path, const parameters& given) -> std::string
{
    for (auto open = path.find('{'); open != std::string::npos; open = path.find('{')) {
        const auto close = path.find('}', open);
        path.replace(open, close - open + 1, given.text(path.substr(open + 1, close - open - 1)));
    }
    return path;
}

auto check_permissions(const node& on, const endpoint& called, const identity& by, const parameters& given)
    -> tl::expected<void, refusal>
{
    if (!called.allows_token) {
        return forbidden("URI '" + called.path + "' not available with API token, need proper ticket.\n");
    }
    for (auto needed : called.checks) {
        needed.path = filled(needed.path, given);
        auto held = on.access.require(by, needed);
        if (held || called.checks.size() == 1) {
            return held;
        }
    }
    if (!called.checks.empty()) {
        return forbidden("");
    }
    return {};
}

auto check_node(const node& on, const parameters& given) -> tl::expected<void, refusal>
{
    const auto name = given.text("node");
    if (given.has("node") && name != on.settings.name && name != "localhost") {
        return died("hostname lookup '" + name + "' failed - failed to get address info for: " + name
                    + ": Name or service not known");
    }
    return {};
}

auto execute(node& on, const endpoint& called, const identity& by, const route& to, parameters& given) -> answer
{
    const auto permitted = fill_path_parameters(called, to, given)
                               .and_then([&] { return check_permissions(on, called, by, given); })
                               .and_then([&] { return check_node(on, given); });
    if (!permitted) {
        return tl::unexpected(permitted.error());
    }
    if (auto errors = verify(called.parameters, given); !errors.empty()) {
        return invalid(std::move(errors));
    }
    const auto name = called.method + " " + called.path;
    if (const auto handle = find_handler(name)) {
        return handle(call{.on = on, .by = by, .given = given});
    }
    if (const auto* const fixed = surroundings(name)) {
        return reply{.data = *fixed};
    }
    return died("the simulated node does not model " + name);
}

auto not_implemented(const http_request& request, const route& to) -> tl::unexpected<refusal>
{
    // The one message without a line end (AnyEvent.pm makes it, not a die).
    return tl::unexpected(
        refusal{.status = 501, .message = "Method '" + request.method + " " + to.path() + "' not implemented"});
}

/// The answer for browsers: always 200, the outcome inside (Formatter/Standard.pm).
auto as_extjs(const answer& made, instant now) -> http_response
{
    auto body = json::object{{"success", made.has_value() ? 1 : 0}};
    body["data"] = made ? made->data : json::value(nullptr);
    if (!made) {
        body["status"] = made.error().status;
        body["message"] = made.error().message;
    }
    auto response = formatted(reply{}, false, now);
    std::erase_if(response.headers, [](const auto& header) { return header.name.starts_with("Content-"); });
    set_body(response, json::serialize(body), "application/json;charset=UTF-8");
    return response;
}

auto refused_route(const route& to, const http_request& request, instant now) -> std::optional<http_response>
{
    if (to.format.empty()) {
        const auto path = request.target.substr(0, request.target.find('?'));
        return plain_answer(500, "no such file '" + path + "'", "no such file '" + path + "'\n", now);
    }
    if (to.format == "json" || to.format == "extjs") {
        return std::nullopt;
    }
    const auto is_format = !to.segments.empty();
    const auto text = "no formatter for uri " + (is_format ? to.path() : "/") + ", " + to.format;
    return plain_answer(501, text, text, now);
}

void close_if_asked(const http_request& request, http_response& response)
{
    const auto asked = find_header(request.headers, "Connection");
    if (asked && ascii::to_lower(*asked) == "close") {
        std::erase_if(response.headers, [](const auto& header) { return header.name == "Connection"; });
        response.headers.insert(response.headers.begin() + 1, {"Connection", "close"});
        response.closes = true;
    }
}

} // namespace

auto path_of(const http_request& request) -> std::string
{
    return route_of(request.target).path();
}

auto guest_in(const http_request& request) -> std::optional<guest_id>
{
    const auto to = route_of(request.target);
    if (to.segments.size() > 3 && is_decimal(to.segments[3])) {
        return static_cast<guest_id>(number_of(to.segments[3]));
    }
    return std::nullopt;
}

auto plain_answer(int status, std::string reason, std::string body, instant now) -> http_response
{
    auto response = without_body(status, std::move(reason), now);
    response.closes = status >= 400;
    set_body(response, std::move(body), "");
    return response;
}

auto formatted(answer made, bool is_protected, instant now) -> http_response
{
    auto body = json::object{};
    auto response = http_response{};
    response.headers = {{"Cache-Control", "max-age=0"}};
    if (made) {
        body["data"] = std::move(made->data);
        if (const auto total = made->total.value_or(0); total != 0) {
            body["total"] = total;
        }
        if (is_protected) {
            response.headers.push_back({"Connection", "close"});
        }
        response.headers.push_back({"Connection", "Keep-Alive"});
        response.delay = made->delay;
    } else {
        const auto& refused = made.error();
        response.status = refused.status;
        response.reason = first_line(refused.message);
        response.closes = true;
        response.delay = refused.delay;
        response.headers.push_back({"Connection", "close"});
        body["data"] = nullptr;
        body["message"] = refused.message;
        if (!refused.errors.empty()) {
            auto errors = json::object{};
            for (const auto& [key, text] : refused.errors) {
                errors[key] = text;
            }
            body["errors"] = std::move(errors);
        }
    }
    const auto date = http_date(now);
    for (const auto& header : std::vector<http_header>{
             {"Date", date}, {"Pragma", "no-cache"}, {"Server", "pve-api-daemon/3.0"}, {"Expires", date}}) {
        response.headers.push_back(header);
    }
    set_body(response, json::serialize(body), "application/json;charset=UTF-8");
    return response;
}

auto serve(node& on, const http_request& request) -> http_response
{
    const auto now = on.now();
    if (auto refused = refused_on_sight(request, now)) {
        return *refused;
    }
    auto to = route_of(request.target);
    if (auto refused = refused_route(to, request, now)) {
        return *refused;
    }
    join_volume(to.segments);
    const auto* const called = on.schema().find(request.method, to.segments);
    auto given = parameters{};
    if (called != nullptr && to.path() == "/access/ticket") {
        auto refused =
            formatted(tl::unexpected(refusal{.status = 401, .message = "authentication failure\n"}), true, now);
        refused.delay = on.settings.takes.unauthorized;
        return refused;
    }
    const auto by = on.access.authenticate(find_header(request.headers, "Authorization"), now);
    if (!by) {
        auto refused = without_body(by.error().status, by.error().message, now);
        refused.delay = on.settings.takes.unauthorized;
        return refused;
    }
    if (auto refused = refused_body(request, now)) {
        return *refused;
    }
    if (const auto decoded = decode(request, to, given); !decoded) {
        const auto& error = decoded.error();
        return plain_answer(error.status, first_line(error.message), error.message, now);
    }
    auto made = called == nullptr ? answer{not_implemented(request, to)} : execute(on, *called, *by, to, given);
    auto response = to.format == "extjs" ? as_extjs(made, now)
                                         : formatted(std::move(made), called != nullptr && called->is_protected, now);
    close_if_asked(request, response);
    return response;
}

} // namespace felhom::sim
