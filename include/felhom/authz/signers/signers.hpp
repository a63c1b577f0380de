// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/keys/published_keys.hpp>
#include <felhom/authz/keys/verifying_key.hpp>
#include <felhom/authz/signers/signer_line.hpp>
#include <felhom/authz/signers/signer_settings.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::authz {

namespace detail {

[[nodiscard]] inline auto require_unpublished(const public_key& key) -> tl::expected<public_key, bad_field>
{
    if (const auto where = publication_of(key)) {
        return tl::unexpected(bad_field{"public key", 0, "a key that nobody but its owner can sign with",
                                        "a key of " + std::string{*where} + ", whose private half is published"});
    }
    return key;
}

} // namespace detail

/// One signer, ready to verify with.
class signer {
public:
    /// Refuses keys whose private half is published: a signature of theirs is anybody's.
    [[nodiscard]] static auto load(const signer_settings& settings, const digests& hashes)
        -> tl::expected<signer, bad_field>
    {
        return parse_signer_line(settings.authorized_key).and_then([&](signer_line line) {
            return public_key::parse(line.key())
                .and_then(&detail::require_unpublished)
                .and_then([&](const public_key& key) { return verifying_key::import(key, hashes); })
                .map([&](verifying_key key) { return signer{settings, std::move(line), std::move(key)}; });
        });
    }

    [[nodiscard]] auto tag() const -> signer_tag { return settings_.tag; }
    [[nodiscard]] auto key_id() const -> const std::string& { return settings_.key_id; }
    [[nodiscard]] auto settings() const -> const signer_settings& { return settings_; }
    [[nodiscard]] auto blob() const -> std::string_view { return line_.key(); }
    [[nodiscard]] auto comment() const -> const std::string& { return line_.comment; }
    [[nodiscard]] auto demand() const -> token_demand { return line_.demand; }
    [[nodiscard]] auto key() const -> const verifying_key& { return key_; }

private:
    signer(signer_settings settings, signer_line line, verifying_key key)
        : settings_{std::move(settings)}, line_{std::move(line)}, key_{std::move(key)}
    {
    }

    signer_settings settings_;
    signer_line line_;
    verifying_key key_;
};

/// Why a configuration of signers was refused as a whole.
struct signers_error {
    std::size_t index; ///< of the signer that is wrong
    bad_field what;

    friend auto operator==(const signers_error&, const signers_error&) -> bool = default;
};

/// The keys whose signatures count, known by their material. One bad line refuses them all: a list with a hole is not
/// what its author decided on.
class signers {
public:
    [[nodiscard]] static auto load(const std::vector<signer_settings>& configured)
        -> tl::expected<signers, signers_error>
    {
        auto made = signers{};
        made.all_.reserve(configured.size());
        for (const auto& settings : configured) {
            auto one = signer::load(settings, made.hashes_);
            if (!one) {
                return tl::unexpected(signers_error{made.all_.size(), std::move(one).error()});
            }
            if (const auto same = made.find(one->blob())) {
                return tl::unexpected(
                    signers_error{made.all_.size(), bad_field{"public key", 0, "a key that is listed once",
                                                              "the key of " + shown(same->key_id()) + " again"}});
            }
            made.all_.push_back(std::make_shared<const signer>(*std::move(one)));
        }
        return made;
    }

    /// The signer with exactly this key, or null.
    [[nodiscard]] auto find(std::string_view key_blob) const -> std::shared_ptr<const signer>
    {
        const auto found = std::ranges::find_if(all_, [&](const auto& s) { return s->blob() == key_blob; });
        return found == all_.end() ? nullptr : *found;
    }

    [[nodiscard]] auto all() const -> const std::vector<std::shared_ptr<const signer>>& { return all_; }
    [[nodiscard]] auto hashes() const -> const digests& { return hashes_; }

private:
    signers() = default;

    digests hashes_ = digests::fetch();
    std::vector<std::shared_ptr<const signer>> all_;
};

} // namespace felhom::authz
