// SPDX-License-Identifier: Apache-2.0
#include "sim/serve/certificate.hpp"

#include "sim/api/text.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string_view>

namespace felhom::sim {

namespace {

template <auto Free>
struct freed_by {
    template <typename T>
    void operator()(T* held) const
    {
        Free(held);
    }
};

using owned_key = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;
using owned_certificate = std::unique_ptr<X509, freed_by<X509_free>>;
using owned_extension = std::unique_ptr<X509_EXTENSION, freed_by<X509_EXTENSION_free>>;
using owned_bio = std::unique_ptr<BIO, freed_by<BIO_free_all>>;

void require(bool done)
{
    if (!done) {
        throw std::runtime_error{"OpenSSL cannot make the simulated node's certificate"};
    }
}

void add_extension(X509* to, int nid, const char* value)
{
    auto context = X509V3_CTX{};
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, to, to, nullptr, nullptr, 0);
    const auto extension = owned_extension{X509V3_EXT_conf_nid(nullptr, &context, nid, value)};
    require(extension != nullptr && X509_add_ext(to, extension.get(), -1) == 1);
}

template <typename Write>
auto pem_of(Write write) -> std::string
{
    const auto out = owned_bio{BIO_new(BIO_s_mem())};
    require(out != nullptr && write(out.get()) == 1);
    char* text = nullptr;
    const auto size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

auto fingerprint_of(const X509* certificate) -> std::string
{
    auto bytes = std::array<unsigned char, EVP_MAX_MD_SIZE>{};
    auto size = unsigned{};
    require(X509_digest(certificate, EVP_sha256(), bytes.data(), &size) == 1);
    auto text = std::string{};
    for (auto at = std::size_t{0}; at < size; ++at) {
        text += text.empty() ? "" : ":";
        text += hexadecimal(bytes.at(at), 2);
    }
    return text;
}

} // namespace

auto make_certificate() -> own_certificate
{
    static constexpr auto bits = 2048U;
    static constexpr auto two_days = 2L * 86400;
    const auto key = owned_key{EVP_RSA_gen(bits)};
    const auto made = owned_certificate{X509_new()};
    require(key != nullptr && made != nullptr);
    X509_set_version(made.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), -two_days);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), two_days);
    X509_set_pubkey(made.get(), key.get());
    auto* const name = X509_get_subject_name(made.get());
    static constexpr auto common_name = std::string_view{"pve1.simulated"};
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): OpenSSL's type for text
    const auto* const text = reinterpret_cast<const unsigned char*>(common_name.data());
    X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_ASC, text, static_cast<int>(common_name.size()), -1, 0);
    X509_set_issuer_name(made.get(), name);
    add_extension(made.get(), NID_basic_constraints, "critical,CA:TRUE");
    add_extension(made.get(), NID_subject_alt_name, "IP:127.0.0.1,IP:::1,DNS:localhost");
    require(X509_sign(made.get(), key.get(), EVP_sha256()) > 0);
    return own_certificate{
        .certificate_pem = pem_of([&](BIO* out) { return PEM_write_bio_X509(out, made.get()); }),
        .key_pem = pem_of(
            [&](BIO* out) { return PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr); }),
        .fingerprint = fingerprint_of(made.get()),
    };
}

} // namespace felhom::sim
