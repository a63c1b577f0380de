#pragma once

#include <felhom/authz/replay_error.hpp>
#include <felhom/authz/term.hpp>
#include <felhom/authz/wire.hpp>
#include <felhom/core/instant.hpp>

#include <chrono>
#include <string>
#include <variant>

namespace felhom::authz {

/// The stages of verification, in their order.
enum class stage { armor, name_space, public_key, allow_list, signature, operation, target, time, nonce };

/// Bytes that break the rules of their format.
struct malformed {
    stage at;
    bad_field what;

    friend auto operator==(const malformed&, const malformed&) -> bool = default;
};

/// A signature made for another purpose.
struct wrong_namespace {
    std::string expected;
    std::string got;

    friend auto operator==(const wrong_namespace&, const wrong_namespace&) -> bool = default;
};

/// A key that is not among the signers.
struct unknown_signer {
    std::string fingerprint; ///< as ssh-keygen -l prints it

    friend auto operator==(const unknown_signer&, const unknown_signer&) -> bool = default;
};

/// A signer who may not sign yet, or may not any more.
struct signer_out_of_term {
    std::string key_id;
    authz::term term;
    instant now;

    friend auto operator==(const signer_out_of_term&, const signer_out_of_term&) -> bool = default;
};

/// A signer who may sign, but not this operation.
struct operation_not_granted {
    std::string key_id;
    std::string op;

    friend auto operator==(const operation_not_granted&, const operation_not_granted&) -> bool = default;
};

/// A signature that is not the listed key's over these bytes.
struct bad_signature {
    std::string key_id;
    bad_field what; ///< counted from the start of the signature blob

    friend auto operator==(const bad_signature&, const bad_signature&) -> bool = default;
};

/// An operation for another host.
struct wrong_target {
    std::string expected;
    std::string got;

    friend auto operator==(const wrong_target&, const wrong_target&) -> bool = default;
};

/// An operation whose window has closed, skew included.
struct expired {
    instant expires_at;
    std::chrono::milliseconds skew;
    instant now;

    friend auto operator==(const expired&, const expired&) -> bool = default;
};

/// An operation whose window has not opened, skew included.
struct not_yet_valid {
    instant not_before;
    std::chrono::milliseconds skew;
    instant now;

    friend auto operator==(const not_yet_valid&, const not_yet_valid&) -> bool = default;
};

using error =
    std::variant<malformed, wrong_namespace, unknown_signer, signer_out_of_term, operation_not_granted, bad_signature,
                 wrong_target, expired, not_yet_valid, nonce_seen, within_horizon, memory_full, claim_not_recorded>;

/// Stage 9's errors among those of all stages.
[[nodiscard]] inline auto to_error(const replay_error& why) -> error
{
    return std::visit([](const auto& e) { return error{e}; }, why);
}

} // namespace felhom::authz
