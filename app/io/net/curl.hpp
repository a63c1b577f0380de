// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <curl/curl.h>

#include <concepts>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>

// What libcurl's C interface lacks: ownership, and options that cannot fail unnoticed.
namespace felhom::io::curl {

template <auto Free>
struct freed_by {
    template <typename T>
    void operator()(T* handle) const
    {
        static_cast<void>(Free(handle));
    }
};

struct header_list_deleter {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

struct easy_deleter {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};

using easy = std::unique_ptr<CURL, easy_deleter>;
using multi = std::unique_ptr<CURLM, freed_by<curl_multi_cleanup>>;
using header_list = std::unique_ptr<curl_slist, header_list_deleter>;

/// Sets an option; one that libcurl does not take ends the client's construction, for it may be the one that protects.
template <typename T>
    requires(!std::integral<T> || std::same_as<T, long> || std::same_as<T, curl_off_t>)
void set(CURL* handle, CURLoption option, T value)
{
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): libcurl has no other way
    if (const auto status = curl_easy_setopt(handle, option, value); status != CURLE_OK) {
        throw std::runtime_error{"libcurl refuses option " + std::to_string(option) + ": "
                                 + curl_easy_strerror(status)};
    }
}

template <typename T>
    requires(!std::integral<T> || std::same_as<T, long>)
void set(CURLM* handle, CURLMoption option, T value)
{
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): libcurl has no other way
    if (const auto status = curl_multi_setopt(handle, option, value); status != CURLM_OK) {
        throw std::runtime_error{"libcurl refuses option " + std::to_string(option) + ": "
                                 + curl_multi_strerror(status)};
    }
}

/// Adds a copy of the line to the end of a list.
inline void append(header_list& list, const char* line)
{
    auto* const longer = curl_slist_append(list.get(), line);
    if (longer == nullptr) {
        throw std::bad_alloc{};
    }
    static_cast<void>(list.release());
    list.reset(longer);
}

} // namespace felhom::io::curl
