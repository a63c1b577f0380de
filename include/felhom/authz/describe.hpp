#pragma once

#include <felhom/authz/error.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/core/printable.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace felhom::authz {

[[nodiscard]] constexpr auto name(stage at) -> std::string_view
{
    switch (at) {
    case stage::armor:
        return "armor";
    case stage::name_space:
        return "namespace";
    case stage::public_key:
        return "public_key";
    case stage::allow_list:
        return "allow_list";
    case stage::signature:
        return "signature";
    case stage::operation:
        return "operation";
    case stage::target:
        return "target";
    case stage::time:
        return "time";
    case stage::nonce:
        return "nonce";
    }
    return "unknown";
}

/// The stable word for programs.
[[nodiscard]] inline auto code(const error& e) -> std::string_view
{
    return std::visit(overloaded{
                          [](const malformed&) -> std::string_view { return "malformed"; },
                          [](const wrong_namespace&) -> std::string_view { return "namespace"; },
                          [](const unknown_signer&) -> std::string_view { return "unknown_signer"; },
                          [](const signer_out_of_term&) -> std::string_view { return "unknown_signer"; },
                          [](const operation_not_granted&) -> std::string_view { return "unknown_signer"; },
                          [](const bad_signature&) -> std::string_view { return "bad_signature"; },
                          [](const wrong_target&) -> std::string_view { return "target"; },
                          [](const expired&) -> std::string_view { return "expired"; },
                          [](const not_yet_valid&) -> std::string_view { return "not_yet_valid"; },
                          [](const nonce_seen&) -> std::string_view { return "replay"; },
                          [](const within_horizon&) -> std::string_view { return "replay"; },
                          [](const memory_full&) -> std::string_view { return "store"; },
                          [](const claim_not_recorded&) -> std::string_view { return "store"; },
                      },
                      e);
}

/// The stage at which the operation was refused.
[[nodiscard]] inline auto stage_of(const error& e) -> stage
{
    return std::visit(overloaded{
                          [](const malformed& m) { return m.at; },
                          [](const wrong_namespace&) { return stage::name_space; },
                          [](const unknown_signer&) { return stage::allow_list; },
                          [](const signer_out_of_term&) { return stage::allow_list; },
                          [](const operation_not_granted&) { return stage::operation; },
                          [](const bad_signature&) { return stage::signature; },
                          [](const wrong_target&) { return stage::target; },
                          [](const expired&) { return stage::time; },
                          [](const not_yet_valid&) { return stage::time; },
                          [](const nonce_seen&) { return stage::nonce; },
                          [](const within_horizon&) { return stage::nonce; },
                          [](const memory_full&) { return stage::nonce; },
                          [](const claim_not_recorded&) { return stage::nonce; },
                      },
                      e);
}

[[nodiscard]] inline auto describe(const bad_field& e) -> std::string
{
    return e.field + " at byte " + std::to_string(e.offset) + ": expected " + e.expected + ", got " + e.got;
}

/// One line: what was expected, what was found.
[[nodiscard]] inline auto describe(const error& e) -> std::string
{
    const auto give_or_take = [](std::chrono::milliseconds skew) {
        return " (give or take " + std::to_string(skew.count()) + " ms)";
    };
    return std::visit(
        overloaded{
            [](const malformed& m) { return describe(m.what); },
            [](const wrong_namespace& n) { return "made for namespace " + n.got + ", not for " + n.expected; },
            [](const unknown_signer& s) { return "no signer has the key " + s.fingerprint; },
            [](const signer_out_of_term& s) {
                const auto bound = [](const char* word, const std::optional<instant>& time) {
                    return time ? word + to_rfc3339(*time) : std::string{};
                };
                return "signer " + printable(s.key_id) + " may sign" + bound(" from ", s.term.valid_after)
                       + bound(" until ", s.term.valid_before) + ", and it is " + to_rfc3339(s.now);
            },
            [](const operation_not_granted& o) { return "signer " + printable(o.key_id) + " may not sign " + o.op; },
            [](const bad_signature& s) {
                return "not a signature of " + printable(s.key_id) + ": " + describe(s.what);
            },
            [](const wrong_target& t) { return "meant for host " + t.got + ", and this is " + t.expected; },
            [&](const expired& t) {
                return "valid until " + to_rfc3339(t.expires_at) + give_or_take(t.skew) + ", and it is "
                       + to_rfc3339(t.now);
            },
            [&](const not_yet_valid& t) {
                return "valid from " + to_rfc3339(t.not_before) + give_or_take(t.skew) + ", and it is "
                       + to_rfc3339(t.now);
            },
            [](const nonce_seen& r) { return describe(replay_error{r}); },
            [](const within_horizon& r) { return describe(replay_error{r}); },
            [](const memory_full& r) { return describe(replay_error{r}); },
            [](const claim_not_recorded& r) { return describe(replay_error{r}); },
        },
        e);
}

} // namespace felhom::authz
