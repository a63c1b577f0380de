// SPDX-License-Identifier: Apache-2.0
#include "io/net/tls_guard.hpp"

#include "io/net/curl.hpp"

#include <felhom/core/overloaded.hpp>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <variant>

namespace felhom::io {

namespace {

auto fingerprint_of(const X509* certificate) -> std::optional<net::fingerprint>
{
    auto digest = net::fingerprint::digest{};
    auto size = static_cast<unsigned>(digest.size());
    if (certificate == nullptr || X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1
        || size != digest.size()) {
        return std::nullopt;
    }
    return net::fingerprint{digest};
}

void verify_peer(CURL* handle, bool certificate, bool host_name)
{
    curl::set(handle, CURLOPT_SSL_VERIFYPEER, certificate ? 1L : 0L);
    curl::set(handle, CURLOPT_SSL_VERIFYHOST, host_name ? 2L : 0L);
}

/// Without these libcurl reads the system's bundle of authorities, which costs 30 ms and 4 MiB.
void without_system_roots(CURL* handle)
{
    curl::set(handle, CURLOPT_CAINFO, static_cast<const char*>(nullptr));
    curl::set(handle, CURLOPT_CAPATH, static_cast<const char*>(nullptr));
}

} // namespace

void tls_guard::protect(CURL* handle)
{
    curl::set(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    curl::set(handle, CURLOPT_SSL_CTX_FUNCTION, &tls_guard::on_context);
    curl::set(handle, CURLOPT_SSL_CTX_DATA, this);
    curl::set(handle, CURLOPT_SSL_SESSIONID_CACHE, 0L); // tls_sessions does it
    std::visit(overloaded{
                   [&](const net::fingerprint& /*compared in on_certificate*/) {
                       verify_peer(handle, true, false);
                       without_system_roots(handle);
                   },
                   [&](const net::authorities& trusted) {
                       verify_peer(handle, true, true);
                       without_system_roots(handle);
                       // libcurl reads it, and owns nothing of it: the trust outlives the handle
                       auto pem = curl_blob{};
                       // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): C's way of reading
                       pem.data = const_cast<char*>(trusted.pem.data());
                       pem.len = trusted.pem.size();
                       pem.flags = CURL_BLOB_NOCOPY;
                       curl::set(handle, CURLOPT_CAINFO_BLOB, &pem);
                   },
                   [&](const net::system_roots&) { verify_peer(handle, true, true); },
                   [&](const net::insecure_skip_verify&) {
                       verify_peer(handle, false, false);
                       without_system_roots(handle);
                   },
               },
               *trust_);
}

auto tls_guard::holds(CURL* handle) -> bool
{
    auto* session = static_cast<curl_tlssessioninfo*>(nullptr);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): libcurl has no other way
    if (curl_easy_getinfo(handle, CURLINFO_TLS_SSL_PTR, &session) != CURLE_OK || session == nullptr
        || session->backend != CURLSSLBACKEND_OPENSSL || session->internals == nullptr) {
        return false;
    }
    const auto* const connection = static_cast<const SSL*>(session->internals);
    auto* const leaf = SSL_get0_peer_certificate(connection);
    const auto verified = leaf != nullptr && SSL_get_verify_result(connection) == X509_V_OK;
    return std::visit(overloaded{
                          [&](const net::fingerprint& pin) { return verified && is_pinned(leaf, pin); },
                          [&](const net::authorities&) { return verified; },
                          [&](const net::system_roots&) { return verified; },
                          [](const net::insecure_skip_verify&) { return true; },
                      },
                      *trust_);
}

/// The same object is the same certificate: it is held, so no other can come to its address.
auto tls_guard::is_pinned(X509* leaf, const net::fingerprint& pin) -> bool
{
    if (leaf == pinned_.get()) {
        return true;
    }
    if (fingerprint_of(leaf) != pin || X509_up_ref(leaf) != 1) {
        return false;
    }
    pinned_.reset(leaf);
    return true;
}

auto tls_guard::on_context(CURL* /*handle*/, void* context, void* self) -> CURLcode
{
    auto* const tls = static_cast<SSL_CTX*>(context);
    auto* const guard = static_cast<tls_guard*>(self);
    SSL_CTX_set_keylog_callback(tls, nullptr);       // whatever SSLKEYLOGFILE says: the keys would uncover the token
    SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS); // an idle connection keeps none: 34 KiB each
    SSL_CTX_set_options(tls, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_clear_options(tls, SSL_OP_NO_TICKET); // libcurl sets it; it would forbid resumption to a TLS 1.2 server
    SSL_CTX_set_cert_verify_callback(tls, &tls_guard::on_certificate, guard);
    return guard->sessions_->serve(tls) ? CURLE_OK : CURLE_ABORTED_BY_CALLBACK;
}

auto tls_guard::on_certificate(X509_STORE_CTX* chain, void* self) -> int
{
    auto* const guard = static_cast<tls_guard*>(self);
    guard->refusal_ = guard->refusal_of(chain);
    return guard->refusal_ ? 0 : 1;
}

/// Judges the certificate within the handshake. A pinned leaf is good whatever its chain, host name and dates.
auto tls_guard::refusal_of(X509_STORE_CTX* chain) const -> std::optional<std::string>
{
    using refusal = std::optional<std::string>;
    const auto by_authorities = [&]() -> refusal {
        if (X509_verify_cert(chain) == 1) {
            return std::nullopt;
        }
        return std::string{"the server's certificate is refused: "}
               + X509_verify_cert_error_string(X509_STORE_CTX_get_error(chain));
    };
    return std::visit(overloaded{
                          [&](const net::fingerprint& pin) -> refusal {
                              const auto shown = fingerprint_of(X509_STORE_CTX_get0_cert(chain));
                              X509_STORE_CTX_set_error(chain, shown == pin ? X509_V_OK : X509_V_ERR_CERT_REJECTED);
                              if (shown == pin) {
                                  return std::nullopt;
                              }
                              return "the server's certificate has the fingerprint "
                                     + (shown ? shown->text() : "(none)") + ", configured is " + pin.text();
                          },
                          [&](const net::authorities&) { return by_authorities(); },
                          [&](const net::system_roots&) { return by_authorities(); },
                          [](const net::insecure_skip_verify&) -> refusal { return std::nullopt; },
                      },
                      *trust_);
}

auto tls_sessions::serve(SSL_CTX* context) -> bool
{
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, &tls_sessions::on_session);
    SSL_CTX_set_info_callback(context, &tls_sessions::on_progress);
    return SSL_CTX_set_app_data(context, this) == 1;
}

auto tls_sessions::on_session(SSL* connection, SSL_SESSION* session) -> int
{
    auto* const self = static_cast<tls_sessions*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(connection)));
    self->latest_.reset(SSL_SESSION_dup(session));
    self->until_ = std::chrono::steady_clock::now() + std::chrono::seconds{SSL_SESSION_get_timeout(session)};
    return 0; // the copy is ours, the session remains the connection's
}

/// Called in front of the ClientHello, among others: the one place where libcurl lets a session be chosen.
void tls_sessions::on_progress(const SSL* connection, int where, int /*value*/)
{
    const auto* const self = static_cast<tls_sessions*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(connection)));
    if ((where & SSL_CB_HANDSHAKE_START) == 0 || SSL_get_state(connection) != TLS_ST_BEFORE || !self->any()) {
        return;
    }
    const auto copy = owned{SSL_SESSION_dup(self->latest_.get())};
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): OpenSSL hands its callbacks the connection as const
    static_cast<void>(SSL_set_session(const_cast<SSL*>(connection), copy.get()));
}

} // namespace felhom::io
