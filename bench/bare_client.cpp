// SPDX-License-Identifier: Apache-2.0
// The least that a process costs which speaks to a node at all: libcurl with OpenSSL, one request, and then nothing
// until its standard input ends. bare_client URL HEADER
#include <curl/curl.h>
#include <poll.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <string_view>

namespace {

auto get(const char* url, const char* header) -> bool
{
    auto* const headers = curl_slist_append(nullptr, header);
    auto* const easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    // Whoever answers is trusted, so that no bundle of authorities is loaded: the agent, which pins, loads none either.
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(easy, CURLOPT_CAINFO, nullptr);
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
    curl_easy_setopt(
        easy, CURLOPT_WRITEFUNCTION, +[](char*, std::size_t size, std::size_t count, void*) { return size * count; });
    auto status = 0L;
    // The handle is kept, as a program keeps it that will ask again.
    return curl_easy_perform(easy) == CURLE_OK && curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK
           && status == 200;
}

} // namespace

auto main(int count, char** arguments) -> int
{
    if (count != 3 || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || !get(arguments[1], arguments[2])) {
        return EXIT_FAILURE;
    }
    static constexpr auto ready = std::string_view{"ready\n"};
    if (::write(STDOUT_FILENO, ready.data(), ready.size()) < 0) {
        return EXIT_FAILURE;
    }
    auto input = ::pollfd{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    return ::poll(&input, 1, -1) == 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}
