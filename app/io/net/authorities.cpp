// SPDX-License-Identifier: Apache-2.0
#include "io/net/authorities.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstddef>
#include <limits>
#include <memory>
#include <utility>

namespace felhom::io {

namespace {

struct bio_deleter {
    void operator()(BIO* bio) const { BIO_free(bio); }
};
struct certificate_deleter {
    void operator()(X509* certificate) const { X509_free(certificate); }
};

/// How many certificates stand in a PEM text up to its end; none when one of them cannot be read.
auto certificates_in(const std::string& pem) -> std::size_t
{
    if (pem.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
        return 0;
    }
    const auto text = std::unique_ptr<BIO, bio_deleter>{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
    auto number = std::size_t{0};
    ERR_clear_error();
    while (text != nullptr) {
        const auto certificate =
            std::unique_ptr<X509, certificate_deleter>{PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr)};
        if (certificate == nullptr) {
            break;
        }
        ++number;
    }
    const auto ended = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    return ended ? number : 0;
}

} // namespace

auto read_authorities(std::string pem) -> tl::expected<net::authorities, parse_error>
{
    if (certificates_in(pem) == 0) {
        return tl::unexpected(parse_error{.what = "file of certificate authorities",
                                          .rule = "one certificate or more in PEM, and nothing that is none",
                                          .got = pem.substr(0, pem.find('\n'))});
    }
    return net::authorities{std::move(pem)};
}

} // namespace felhom::io
