// SPDX-License-Identifier: Apache-2.0
#include "io/serve/local_client.hpp"

#include "io/net/curl.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <string>
#include <system_error>
#include <utility>

namespace felhom::io {

namespace {

/// Of our own daemon: it may be a plan with thousands of guests.
constexpr auto largest_answer = std::size_t{256} << 20U;

/// Of whoever holds a port.
constexpr auto largest_loopback_answer = std::size_t{64} << 10U;

/// Why nothing came. Of a socket that cannot be connected to, libcurl tells a host and a port that it does not have.
[[nodiscard]] auto reason_of(CURL* handle, CURLcode ended, const char* told) -> std::string
{
    auto cause = 0L;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): libcurl has no other way
    static_cast<void>(curl_easy_getinfo(handle, CURLINFO_OS_ERRNO, &cause));
    if (ended == CURLE_COULDNT_CONNECT && cause != 0) {
        return std::generic_category().message(static_cast<int>(cause));
    }
    return *told != '\0' ? told : curl_easy_strerror(ended);
}

/// What comes, up to a bound.
struct received {
    std::size_t most;
    std::size_t headers = 0; ///< bytes of them, which libcurl keeps
    std::string body = {};
};

auto on_body(const char* bytes, std::size_t size, std::size_t count, void* to) -> std::size_t
{
    auto& [most, headers, body] = *static_cast<received*>(to);
    const auto length = size * count;
    if (length > most - body.size()) {
        return CURL_WRITEFUNC_ERROR;
    }
    body.append(bytes, length);
    return length;
}

auto on_header(const char* /*bytes*/, std::size_t size, std::size_t count, void* to) -> std::size_t
{
    auto& [most, headers, body] = *static_cast<received*>(to);
    headers += size * count;
    return headers > most ? CURL_WRITEFUNC_ERROR : size * count;
}

[[nodiscard]] auto handle_for(const std::string& url, std::optional<std::chrono::milliseconds> patience) -> curl::easy
{
    auto handle = curl::easy{curl_easy_init()};
    if (handle == nullptr) {
        throw std::bad_alloc{};
    }
    curl::set(handle.get(), CURLOPT_URL, url.c_str());
    curl::set(handle.get(), CURLOPT_PROTOCOLS_STR, "http");
    curl::set(handle.get(), CURLOPT_PROXY, ""); // whatever the environment says
    curl::set(handle.get(), CURLOPT_NOSIGNAL, 1L);
    curl::set(handle.get(), CURLOPT_CONNECTTIMEOUT_MS, 5000L);
    curl::set(handle.get(), CURLOPT_TIMEOUT_MS, patience ? long{patience->count()} : 0L);
    curl::set(handle.get(), CURLOPT_WRITEFUNCTION, on_body);
    curl::set(handle.get(), CURLOPT_HEADERFUNCTION, on_header);
    return handle;
}

[[nodiscard]] auto perform(CURL* handle, std::size_t most) -> tl::expected<local_answer, local_failure>
{
    auto answer = received{.most = most};
    auto message = std::array<char, CURL_ERROR_SIZE>{};
    curl::set(handle, CURLOPT_WRITEDATA, &answer);
    curl::set(handle, CURLOPT_HEADERDATA, &answer);
    curl::set(handle, CURLOPT_ERRORBUFFER, message.data());
    if (const auto ended = curl_easy_perform(handle); ended != CURLE_OK) {
        auto number = 0L;
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): libcurl has no other way
        static_cast<void>(curl_easy_getinfo(handle, CURLINFO_OS_ERRNO, &number));
        const auto no_connection = ended == CURLE_COULDNT_CONNECT;
        return tl::unexpected(local_failure{.nobody_there = no_connection,
                                            .not_served = no_connection && number != EACCES && number != EAGAIN,
                                            .reason = reason_of(handle, ended, message.data())});
    }
    auto status = 0L;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): libcurl has no other way
    static_cast<void>(curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status));
    return local_answer{.status = static_cast<int>(status), .body = std::move(answer.body)};
}

} // namespace

auto ask_socket(const std::string& path, const std::string& target, const std::optional<std::string>& body,
                std::optional<std::chrono::milliseconds> patience) -> tl::expected<local_answer, local_failure>
{
    const auto handle = handle_for("http://localhost" + target, patience);
    curl::set(handle.get(), CURLOPT_UNIX_SOCKET_PATH, path.c_str());
    auto headers = curl::header_list{};
    if (body) {
        curl::append(headers, "Content-Type: application/json");
        curl::append(headers, "Expect:"); // no 100-continue: it would cost a second
        curl::set(handle.get(), CURLOPT_HTTPHEADER, headers.get());
        curl::set(handle.get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body->size()));
        curl::set(handle.get(), CURLOPT_POSTFIELDS, body->c_str());
    }
    return perform(handle.get(), largest_answer);
}

auto ask_loopback(const loopback_address& at, const std::string& target, std::chrono::milliseconds patience)
    -> tl::expected<local_answer, local_failure>
{
    return perform(handle_for("http://" + at.text() + target, patience).get(), largest_loopback_answer);
}

} // namespace felhom::io
