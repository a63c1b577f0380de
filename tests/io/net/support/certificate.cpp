// SPDX-License-Identifier: Apache-2.0
#include "certificate.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace felhom::testing {

namespace {

void must(bool done, const char* what)
{
    if (!done) {
        throw std::runtime_error{what};
    }
}

void extend(X509* subject, X509* issuer, int extension, const std::string& value)
{
    auto context = X509V3_CTX{};
    X509V3_set_ctx(&context, issuer, subject, nullptr, nullptr, 0);
    const auto made = std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)>{
        X509V3_EXT_conf_nid(nullptr, &context, extension, value.c_str()), &X509_EXTENSION_free};
    must(made != nullptr && X509_add_ext(subject, made.get(), -1) == 1, "extension");
}

} // namespace

auto certificate::make(const contents& what, const certificate* issuer) -> certificate
{
    static constexpr auto day = 24L * 60 * 60;
    static auto serial = 0L;
    const auto key = std::shared_ptr<EVP_PKEY>{EVP_EC_gen("P-256"), &EVP_PKEY_free};
    const auto made = std::shared_ptr<X509>{X509_new(), &X509_free};
    must(key && made, "key and certificate");
    auto* const x509 = made.get();
    const auto common_name = (what.authority ? "CA of " : "") + what.host;
    must(X509_set_version(x509, X509_VERSION_3) == 1 && ASN1_INTEGER_set(X509_get_serialNumber(x509), ++serial) == 1
             && X509_gmtime_adj(X509_getm_notBefore(x509), -2 * day) != nullptr
             && X509_gmtime_adj(X509_getm_notAfter(x509), what.expired ? -day : day) != nullptr
             && X509_set_pubkey(x509, key.get()) == 1
             && X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_UTF8,
                                           reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0)
                    == 1,
         "fields");
    auto* const signer = issuer != nullptr ? issuer->x509() : x509;
    must(X509_set_issuer_name(x509, X509_get_subject_name(signer)) == 1, "issuer");
    if (what.authority) {
        extend(x509, signer, NID_basic_constraints, "critical,CA:TRUE");
        extend(x509, signer, NID_key_usage, "critical,keyCertSign");
    } else {
        extend(x509, signer, NID_subject_alt_name, "DNS:" + what.host);
    }
    must(X509_sign(x509, issuer != nullptr ? issuer->key() : key.get(), EVP_sha256()) > 0, "signature");
    return certificate{key, made};
}

auto certificate::fingerprint() const -> net::fingerprint
{
    auto digest = net::fingerprint::digest{};
    must(X509_digest(x509(), EVP_sha256(), digest.data(), nullptr) == 1, "digest");
    return net::fingerprint{digest};
}

auto certificate::pem() const -> std::string
{
    const auto memory = std::unique_ptr<BIO, decltype(&BIO_free)>{BIO_new(BIO_s_mem()), &BIO_free};
    must(PEM_write_bio_X509(memory.get(), x509()) == 1, "PEM");
    auto* text = static_cast<char*>(nullptr);
    const auto size = BIO_get_mem_data(memory.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

} // namespace felhom::testing
