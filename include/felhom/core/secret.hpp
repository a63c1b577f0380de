// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/crypto.h>

#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace felhom {

/// A text that must not be shown: it prints as redacted, does not convert to a string, and is wiped when it dies.
class secret {
public:
    explicit secret(std::string text) : text_{std::move(text)} {}

    secret(const secret&) = default;
    auto operator=(const secret&) -> secret& = default;

    // NOLINTNEXTLINE(cert-oop11-cpp,performance-move-constructor-init): a moved-from short string would keep its bytes
    secret(secret&& other) noexcept : text_{other.text_} { other.wipe(); }
    auto operator=(secret&& other) noexcept -> secret&
    {
        std::swap(text_, other.text_);
        return *this;
    }

    ~secret() { wipe(); }

    /// The text itself. Every use of it is found by searching for this name.
    [[nodiscard]] auto reveal() const -> std::string_view { return text_; }

    friend auto operator==(const secret& a, const secret& b) -> bool
    {
        return a.text_.size() == b.text_.size() && CRYPTO_memcmp(a.text_.data(), b.text_.data(), a.text_.size()) == 0;
    }

    friend auto operator<<(std::ostream& out, const secret& /*hidden*/) -> std::ostream& { return out << "<redacted>"; }

private:
    void wipe() noexcept
    {
        OPENSSL_cleanse(text_.data(), text_.size());
        text_.clear();
    }

    std::string text_;
};

} // namespace felhom
