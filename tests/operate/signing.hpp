// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "authz/support/test_key.hpp"

#include <felhom/authz/operation/write_operation.hpp>
#include <felhom/operate/gate/gate.hpp>

#include <boost/json/object.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace felhom::testing {

inline const auto noon = *parse_instant("2026-06-01T12:00:00Z");
inline const auto this_host = *host_id::parse("host-a");

/// The keys of a test: an operator's, another operator's, one for recovery, and a stranger's.
inline const auto operator_key = authz::test_key{authz::key_kind::ed25519};
inline const auto second_operator_key = authz::test_key{authz::key_kind::ed25519};
inline const auto recovery_key = authz::test_key{authz::key_kind::ed25519};
inline const auto stranger_key = authz::test_key{authz::key_kind::ed25519};

[[nodiscard]] inline auto listed_signers() -> std::shared_ptr<const authz::signers>
{
    static const auto all = std::make_shared<const authz::signers>(*authz::signers::load({
        {.authorized_key = operator_key.line(), .tag = authz::signer_tag::operational, .key_id = "op-1"},
        {.authorized_key = second_operator_key.line(), .tag = authz::signer_tag::operational, .key_id = "op-2"},
        {.authorized_key = recovery_key.line(), .tag = authz::signer_tag::recovery, .key_id = "rec-1"},
    }));
    return all;
}

/// An operation as an operator means it.
class operation_builder {
public:
    operation_builder(std::string op, std::uint32_t guest, boost::json::object params = {})
        : what_{.op = std::move(op),
                .host_id = this_host.text(),
                .guest_id = *vmid::from_number(guest),
                .params = std::move(params),
                .nonce = *authz::nonce::parse(std::string(32, '5')),
                .not_before = noon - std::chrono::minutes{1},
                .expires_at = noon + std::chrono::minutes{14},
                .key_id = "op-1"}
    {
    }

    auto seen_at(std::string digest) -> operation_builder&
    {
        what_.expected_digest = std::move(digest);
        return *this;
    }
    auto on_host(std::string host) -> operation_builder&
    {
        what_.host_id = std::move(host);
        return *this;
    }
    auto with_nonce(std::string nonce) -> operation_builder&
    {
        what_.nonce = *authz::nonce::parse(nonce);
        return *this;
    }
    auto valid(instant from, instant until) -> operation_builder&
    {
        what_.not_before = from;
        what_.expires_at = until;
        return *this;
    }

    [[nodiscard]] auto blob() const -> std::string { return authz::write_operation(what_).value(); }

    /// The operation with the signatures of these keys.
    [[nodiscard]] auto signed_by(const std::vector<const authz::test_key*>& keys) const -> operate::signature_set
    {
        auto submitted = operate::signature_set{.blob = blob(), .armors = {}};
        for (const auto* const key : keys) {
            submitted.armors.push_back(authz::sign_message(*key, submitted.blob));
        }
        return submitted;
    }
    [[nodiscard]] auto signed_by(const authz::test_key& key) const -> operate::signature_set
    {
        return signed_by({&key});
    }

private:
    authz::operation what_;
};

[[nodiscard]] inline auto quiet_noon() -> operate::host_switches
{
    return {.now = noon, .signers = listed_signers()};
}

[[nodiscard]] inline auto gate_here() -> operate::gate_policy
{
    return {.here = this_host};
}

} // namespace felhom::testing
