// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/operation/term.hpp>
#include <felhom/authz/replay/replay_error.hpp>
#include <felhom/authz/sshsig/wire.hpp>
#include <felhom/authz/stage.hpp>
#include <felhom/core/alternatives.hpp>
#include <felhom/core/instant.hpp>
#include <felhom/core/printable.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace felhom::authz {

[[nodiscard]] inline auto describe(const bad_field& e) -> std::string
{
    return e.field + " at byte " + std::to_string(e.offset) + ": expected " + e.expected + ", got " + e.got;
}

namespace detail {

[[nodiscard]] inline auto give_or_take(std::chrono::milliseconds skew, instant now) -> std::string
{
    return " (give or take " + std::to_string(skew.count()) + " ms), and it is " + to_rfc3339(now);
}

} // namespace detail

/// Bytes that break the rules of their format.
struct malformed {
    stage at;
    bad_field what;

    static constexpr auto code = std::string_view{"malformed"};
    [[nodiscard]] auto describe() const -> std::string { return authz::describe(what); }
    friend auto operator==(const malformed&, const malformed&) -> bool = default;
};

/// A signature made for another purpose.
struct wrong_namespace {
    std::string expected;
    std::string got;

    static constexpr auto code = std::string_view{"namespace"};
    static constexpr auto at = stage::name_space;
    [[nodiscard]] auto describe() const -> std::string { return "made for namespace " + got + ", not for " + expected; }
    friend auto operator==(const wrong_namespace&, const wrong_namespace&) -> bool = default;
};

/// A key that is not among the signers.
struct unknown_signer {
    std::string fingerprint; ///< as ssh-keygen -l prints it

    static constexpr auto code = std::string_view{"unknown_signer"};
    static constexpr auto at = stage::allow_list;
    [[nodiscard]] auto describe() const -> std::string { return "no signer has the key " + fingerprint; }
    friend auto operator==(const unknown_signer&, const unknown_signer&) -> bool = default;
};

/// A signer who may not sign yet, or may not any more.
struct signer_out_of_term {
    std::string key_id;
    authz::term term;
    instant now;

    static constexpr auto code = std::string_view{"unknown_signer"};
    static constexpr auto at = stage::allow_list;
    [[nodiscard]] auto describe() const -> std::string
    {
        const auto bound = [](const char* word, const std::optional<instant>& time) {
            return time ? word + to_rfc3339(*time) : std::string{};
        };
        return "signer " + printable(key_id) + " may sign" + bound(" from ", term.valid_after)
               + bound(" until ", term.valid_before) + ", and it is " + to_rfc3339(now);
    }
    friend auto operator==(const signer_out_of_term&, const signer_out_of_term&) -> bool = default;
};

/// A signer who may sign, but not this operation.
struct operation_not_granted {
    std::string key_id;
    std::string op;

    static constexpr auto code = std::string_view{"unknown_signer"};
    static constexpr auto at = stage::operation;
    [[nodiscard]] auto describe() const -> std::string { return "signer " + printable(key_id) + " may not sign " + op; }
    friend auto operator==(const operation_not_granted&, const operation_not_granted&) -> bool = default;
};

/// A signature that is not the listed key's over these bytes.
struct bad_signature {
    std::string key_id;
    bad_field what; ///< counted from the start of the signature blob

    static constexpr auto code = std::string_view{"bad_signature"};
    static constexpr auto at = stage::signature;
    [[nodiscard]] auto describe() const -> std::string
    {
        return "not a signature of " + printable(key_id) + ": " + authz::describe(what);
    }
    friend auto operator==(const bad_signature&, const bad_signature&) -> bool = default;
};

/// An operation for another host.
struct wrong_target {
    std::string expected;
    std::string got;

    static constexpr auto code = std::string_view{"target"};
    static constexpr auto at = stage::target;
    [[nodiscard]] auto describe() const -> std::string { return "meant for host " + got + ", and this is " + expected; }
    friend auto operator==(const wrong_target&, const wrong_target&) -> bool = default;
};

/// An operation whose window has closed, skew included.
struct expired {
    instant expires_at;
    std::chrono::milliseconds skew;
    instant now;

    static constexpr auto code = std::string_view{"expired"};
    static constexpr auto at = stage::time;
    [[nodiscard]] auto describe() const -> std::string
    {
        return "valid until " + to_rfc3339(expires_at) + detail::give_or_take(skew, now);
    }
    friend auto operator==(const expired&, const expired&) -> bool = default;
};

/// An operation whose window has not opened, skew included.
struct not_yet_valid {
    instant not_before;
    std::chrono::milliseconds skew;
    instant now;

    static constexpr auto code = std::string_view{"not_yet_valid"};
    static constexpr auto at = stage::time;
    [[nodiscard]] auto describe() const -> std::string
    {
        return "valid from " + to_rfc3339(not_before) + detail::give_or_take(skew, now);
    }
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

/// The stable word for programs.
[[nodiscard]] inline auto code(const error& e) -> std::string_view
{
    return code_of(e);
}

/// The stage at which the operation was refused.
[[nodiscard]] inline auto stage_of(const error& e) -> stage
{
    return told<stage>(e, [](const auto& one) { return one.at; });
}

/// One line: what was expected, what was found.
[[nodiscard]] inline auto describe(const error& e) -> std::string
{
    return description_of(e);
}

} // namespace felhom::authz
