// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/net/trust.hpp>

#include <curl/curl.h>
#include <openssl/ssl.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace felhom::io {

/// The latest TLS session of one client, to be resumed by its further connections. A session stands for a certificate
/// once verified: a client with another trust must never offer it, so each has its own. libcurl's cache is not used: it
/// offers the session itself, which OpenSSL spends on the first connection that resumes it (tls_finish_handshake), and
/// connections made at the same time would all begin anew. Each gets a copy here.
class tls_sessions {
public:
    /// Whether the next connection has a session to resume.
    [[nodiscard]] auto any() const -> bool { return latest_ && std::chrono::steady_clock::now() < until_; }

    /// Makes the connections of this context offer the latest session, and keep the ones that they are given.
    [[nodiscard]] auto serve(SSL_CTX* context) -> bool;

private:
    struct deleter {
        void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
    };
    using owned = std::unique_ptr<SSL_SESSION, deleter>;

    static auto on_session(SSL* connection, SSL_SESSION* session) -> int;
    static void on_progress(const SSL* connection, int where, int value);

    owned latest_;
    std::chrono::steady_clock::time_point until_;
};

/// Sees to it that no byte of HTTP leaves one libcurl handle for a server other than the trusted one.
class tls_guard {
public:
    tls_guard(const net::trust& trust, tls_sessions& sessions) : trust_{&trust}, sessions_{&sessions} {}

    /// Makes every handshake of this handle subject to the trust. The guard must stay where it is.
    void protect(CURL* handle);

    void forget_refusal() { refusal_.reset(); }

    /// Whether the connection that this handle is about to send on ends at the trusted server. Asked before every
    /// request, since a resumed session shows no certificate and calls nothing that verifies one.
    [[nodiscard]] auto holds(CURL* handle) -> bool;

    /// Why the last server was refused in the handshake, if it was.
    [[nodiscard]] auto refusal() const -> const std::optional<std::string>& { return refusal_; }

private:
    static auto on_context(CURL* handle, void* context, void* self) -> CURLcode;
    static auto on_certificate(X509_STORE_CTX* chain, void* self) -> int;

    struct deleter {
        void operator()(X509* certificate) const { X509_free(certificate); }
    };

    [[nodiscard]] auto refusal_of(X509_STORE_CTX* chain) const -> std::optional<std::string>;
    [[nodiscard]] auto is_pinned(X509* leaf, const net::fingerprint& pin) -> bool;

    const net::trust* trust_;
    tls_sessions* sessions_;
    std::unique_ptr<X509, deleter> pinned_; ///< the last that had the fingerprint, so that it is not hashed each time
    std::optional<std::string> refusal_;
};

} // namespace felhom::io
