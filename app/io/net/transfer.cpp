// SPDX-License-Identifier: Apache-2.0
#include "io/net/transfer.hpp"

#include <felhom/core/ascii.hpp>

#include <algorithm>
#include <new>
#include <string>
#include <utility>

namespace felhom::io {

namespace {

using kind = net::transport_error::kind;

auto without_end(std::string_view line) -> std::string_view
{
    while (line.ends_with('\n') || line.ends_with('\r')) {
        line.remove_suffix(1);
    }
    return line;
}

constexpr auto location_header = std::string_view{"location:"};

auto without_blanks(std::string_view value) -> std::string_view
{
    static constexpr auto blank = std::string_view{" \t"};
    value.remove_prefix(std::min(value.find_first_not_of(blank), value.size()));
    return value.substr(0, value.find_last_not_of(blank) + 1);
}

/// The reason phrase of "HTTP/1.1 200 reason", byte for byte.
auto reason_of(std::string_view status_line) -> std::string_view
{
    const auto code = status_line.find(' ');
    const auto reason = code == std::string_view::npos ? code : status_line.find(' ', code + 1);
    return reason == std::string_view::npos ? std::string_view{} : status_line.substr(reason + 1);
}

auto kind_of(CURLcode status, bool sent) -> kind
{
    static constexpr auto known = std::array{
        std::pair{CURLE_OPERATION_TIMEDOUT, kind::timeout},
        std::pair{CURLE_PEER_FAILED_VERIFICATION, kind::untrusted},
        std::pair{CURLE_SSL_CACERT_BADFILE, kind::untrusted},
        std::pair{CURLE_FILESIZE_EXCEEDED, kind::too_large},
        std::pair{CURLE_OUT_OF_MEMORY, kind::too_large}, // what a header line above 100 KiB comes to
        std::pair{CURLE_UNSUPPORTED_PROTOCOL, kind::not_http},
        std::pair{CURLE_WEIRD_SERVER_REPLY, kind::not_http},
    };
    const auto* const found = std::ranges::find(known, status, &std::pair<CURLcode, kind>::first);
    if (found != known.end()) {
        return found->second;
    }
    return sent ? kind::interrupted : kind::unreachable;
}

/// One line of printable text, whatever the server put into it.
auto one_line(std::string_view text) -> std::string
{
    static constexpr std::size_t longest = 300;
    auto line = std::string{text.substr(0, longest)};
    std::ranges::replace_if(line, [](char c) { return c < ' ' || c > '~'; }, '?');
    return line;
}

} // namespace

transfer::transfer(const https_server& server, tls_sessions& sessions, curl_slist* headers)
    : server_{&server}, headers_{headers}, guard_{server.trust, sessions}, handle_{curl_easy_init()}
{
    if (!handle_) {
        throw std::bad_alloc{};
    }
    const auto set = [this](CURLoption option, auto value) { curl::set(handle(), option, value); };
    const auto& limits = server.limits;
    guard_.protect(handle());
    set(CURLOPT_PRIVATE, this);
    set(CURLOPT_USERAGENT, "felhom-agent");
    set(CURLOPT_ERRORBUFFER, message_.data());
    set(CURLOPT_NOSIGNAL, 1L);

    // Nothing but HTTPS, to this server, and only what is asked for.
    set(CURLOPT_PROTOCOLS_STR, "https");
    set(CURLOPT_REDIR_PROTOCOLS_STR, "https");
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_PROXY, ""); // not even the environment's: the node is near, and a proxy would learn of every connection
    set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    set(CURLOPT_PATH_AS_IS, 1L);
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_HTTP09_ALLOWED, 0L);

    set(CURLOPT_CONNECTTIMEOUT_MS, limits.connect.count());
    set(CURLOPT_TIMEOUT_MS, limits.total.count());
    set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(limits.response_bytes));
    set(CURLOPT_MAXAGE_CONN, 4L); // PVE closes an idle connection after 5 s

    set(CURLOPT_PREREQFUNCTION, &transfer::on_connected);
    set(CURLOPT_PREREQDATA, this);
    set(CURLOPT_HEADERFUNCTION, &transfer::on_header);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_WRITEFUNCTION, &transfer::on_body);
    set(CURLOPT_WRITEDATA, this);
}

void transfer::begin(const https_call& call)
{
    using net::http_method;
    call_ = &call;
    answer_ = {};
    message_.front() = '\0';
    guard_.forget_refusal();
    header_bytes_ = 0;
    is_read_ = call.method == http_method::get;
    sent_ = untrusted_ = too_large_ = head_complete_ = chunked_ = false;

    const auto set = [this](CURLoption option, auto value) { curl::set(handle(), option, value); };
    set(CURLOPT_URL, (server_->url + call.target).c_str());
    choose_headers(call);
    if (call.method == http_method::post || call.method == http_method::put) {
        set(CURLOPT_POST, 1L);
        set(CURLOPT_POSTFIELDS, call.body.c_str());
        set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
    } else {
        set(CURLOPT_HTTPGET, 1L);
    }
    const auto* const verb = call.method == http_method::put   ? "PUT"
                             : call.method == http_method::del ? "DELETE"
                                                               : nullptr; // the method's own
    set(CURLOPT_CUSTOMREQUEST, verb);
    // A server may close an idle connection in the moment of its reuse. libcurl then sends the request again, which is
    // right for a read; a mutation gets a connection of its own, on which libcurl never retries.
    set(CURLOPT_FRESH_CONNECT, is_read_ ? 0L : 1L);
}

void transfer::choose_headers(const https_call& call)
{
    auto longer = curl::header_list{};
    if (!call.headers.empty()) {
        for (const auto* line = headers_; line != nullptr; line = line->next) {
            curl::append(longer, line->data);
        }
        for (const auto& line : call.headers) {
            curl::append(longer, line.c_str());
        }
    }
    curl::set(handle(), CURLOPT_HTTPHEADER, longer ? longer.get() : headers_);
    own_headers_ = std::move(longer); // the one before it goes after libcurl has been given this one
}

auto transfer::finish(CURLcode status) -> net::exchanged
{
    if (status != CURLE_OK) {
        return tl::unexpected(failure(status));
    }
    auto code = 0L;
    auto length = curl_off_t{-1};
    // NOLINTBEGIN(cppcoreguidelines-pro-type-vararg): libcurl has no other way
    static_cast<void>(curl_easy_getinfo(handle(), CURLINFO_RESPONSE_CODE, &code));
    static_cast<void>(curl_easy_getinfo(handle(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length));
    // NOLINTEND(cppcoreguidelines-pro-type-vararg)
    // libcurl takes the end of the connection for the end of the answer where nothing announces another; cut there by
    // whoever is on the path, it would look the same (RFC 9112 section 8). PVE announces the length of every body.
    const auto announced = length >= 0 || chunked_;
    if (!head_complete_ || (!announced && !answer_.body.empty())) {
        return tl::unexpected(net::transport_error{
            .what = kind::interrupted, .maybe_sent = sent_, .detail = "the answer has no end: it may have been cut"});
    }
    answer_.status = static_cast<int>(code);
    return std::move(answer_);
}

auto transfer::failure(CURLcode status) const -> net::transport_error
{
    const auto failed = [this](kind what, std::string_view detail) {
        return net::transport_error{.what = what, .maybe_sent = sent_, .detail = one_line(detail)};
    };
    if (const auto& refusal = guard_.refusal()) {
        return failed(kind::untrusted, *refusal);
    }
    if (untrusted_) {
        return failed(kind::untrusted, "this connection does not end at the trusted server");
    }
    if (too_large_) {
        return failed(kind::too_large, "the answer exceeds " + std::to_string(server_->limits.response_bytes)
                                           + " bytes, or its header " + std::to_string(server_->limits.header_bytes));
    }
    return failed(kind_of(status, sent_), message_.front() != '\0' ? message_.data() : curl_easy_strerror(status));
}

/// Called on every connection, new or reused, in front of the request's first byte.
auto transfer::on_connected(void* self, char* /*to*/, char* /*from*/, int /*port_to*/, int /*port_from*/) -> int
{
    auto& call = *static_cast<transfer*>(self);
    if (!call.guard_.holds(call.handle())) {
        call.untrusted_ = true;
        return CURL_PREREQFUNC_ABORT;
    }
    if (call.sent_ && !call.is_read_) {
        return CURL_PREREQFUNC_ABORT; // once is all a mutation gets, whatever made libcurl try again
    }
    call.sent_ = true;
    return CURL_PREREQFUNC_OK;
}

auto transfer::on_header(const char* line, std::size_t size, std::size_t count, void* self) -> std::size_t
{
    auto& call = *static_cast<transfer*>(self);
    const auto header = std::string_view{line, size * count};
    call.header_bytes_ += header.size(); // over all interim responses, of which there may be no end
    if (call.header_bytes_ > call.server_->limits.header_bytes) {
        call.too_large_ = true;
        return 0;
    }
    if (call.call_->on_head) {
        call.call_->on_head(without_end(header));
    }
    if (header.starts_with("HTTP/")) {
        call.answer_.reason = reason_of(without_end(header));
        call.answer_.location.reset();
        call.head_complete_ = call.chunked_ = false;
    } else if (header == "\r\n" || header == "\n") {
        call.head_complete_ = true;
    } else if (ascii::starts_with_in_any_case(header, location_header)) {
        call.answer_.location = without_blanks(without_end(header).substr(location_header.size()));
    } else if (ascii::starts_with_in_any_case(header, "transfer-encoding:")) {
        call.chunked_ = ascii::to_lower(header).find("chunked") != std::string::npos;
    }
    return header.size();
}

auto transfer::on_body(const char* data, std::size_t size, std::size_t count, void* self) -> std::size_t
{
    auto& call = *static_cast<transfer*>(self);
    const auto part = std::string_view{data, size * count};
    if (part.size() > call.server_->limits.response_bytes - call.answer_.body.size()) {
        call.too_large_ = true;
        return 0;
    }
    call.answer_.body += part;
    return part.size();
}

} // namespace felhom::io
