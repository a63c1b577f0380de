// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/enum_table.hpp>
#include <felhom/core/json/document.hpp>
#include <felhom/core/json/object_reader.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/operate/ledger.hpp>
#include <felhom/operate/procedures/execute_signed.hpp>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <tl/expected.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::operate {

/// How a signed operation stands, for the one who sent it.
enum class signed_state {
    waiting, ///< something that passes keeps it: it is tried again until it expires
    refused, ///< for good; its nonce is free
    running,
    succeeded,
    failed,
    unknown,
};

inline constexpr auto signed_state_words =
    enum_table{std::array{enum_word{signed_state::waiting, "waiting"}, enum_word{signed_state::refused, "refused"},
                          enum_word{signed_state::running, "running"}, enum_word{signed_state::succeeded, "succeeded"},
                          enum_word{signed_state::failed, "failed"}, enum_word{signed_state::unknown, "unknown"}}};

[[nodiscard]] constexpr auto text_of(signed_state state) -> std::string_view
{
    return signed_state_words.text_of(state);
}

/// The answer to a signed operation, kept under the hash of its bytes.
struct signed_result {
    sha256_digest blob; ///< of the signed bytes; of all that was brought where no signature held
    signed_state state;
    instant at;
    std::string code; ///< stable, of a refusal, of what was called off and of an end that is a special one; else empty
    std::string detail; ///< one line
    std::optional<operation_id> operation = std::nullopt;

    [[nodiscard]] auto is_final() const -> bool
    {
        return state != signed_state::waiting && state != signed_state::running;
    }

    friend auto operator==(const signed_result&, const signed_result&) -> bool = default;
};

/// Whether an operation that was answered so is answered so again, however often it is brought. What was refused
/// because its time was over is judged anew, since a clock may have been wrong; and what earlier releases kept about
/// signers without authority over the operation, and about a journal that could not be written, never said anything
/// about it.
[[nodiscard]] inline auto bars_another_judgement(const signed_result& result) -> bool
{
    static constexpr auto passing =
        std::array<std::string_view, 4>{"expired", "unknown_signer", "replay.store", "replay.full"};
    return result.state != signed_state::refused || std::ranges::find(passing, result.code) == passing.end();
}

[[nodiscard]] constexpr auto state_of(ending how) -> signed_state
{
    switch (how) {
    case ending::succeeded:
        return signed_state::succeeded;
    case ending::failed:
        return signed_state::failed;
    case ending::unknown:
        return signed_state::unknown;
    }
    return signed_state::unknown;
}

/// What came of a signed operation just now.
[[nodiscard]] inline auto result_of(const signed_outcome& outcome, const sha256_digest& blob, instant now)
    -> signed_result
{
    const auto no_effect = [](bool passes) { return passes ? signed_state::waiting : signed_state::refused; };
    return std::visit(overloaded{
                          [&](const operation_refused& o) {
                              return signed_result{.blob = blob,
                                                   .state = no_effect(is_transient(o.why)),
                                                   .at = now,
                                                   .code = std::string{code_of(o.why)},
                                                   .detail = brief(describe(o.why))};
                          },
                          [&](const nonce_refused& o) {
                              return signed_result{.blob = blob,
                                                   .state = no_effect(is_transient(o.why)),
                                                   .at = now,
                                                   .code = std::string{authz::code(o.why)},
                                                   .detail = brief(authz::describe(o.why))};
                          },
                          [&](const executed& o) {
                              const auto code = code_of_end(o.outcome);
                              return signed_result{.blob = blob,
                                                   .state = code == still_running ? signed_state::running
                                                                                  : state_of(ending_of(o.outcome)),
                                                   .at = now,
                                                   .code = std::string{code},
                                                   .detail = brief(reconcile::describe(o.outcome)) + o.remark,
                                                   .operation = o.id};
                          },
                      },
                      outcome);
}

/// What the journal knows of an operation that was claimed.
[[nodiscard]] inline auto result_of(const operation_state& known, const sha256_digest& blob) -> signed_result
{
    return {.blob = blob,
            .state = known.end && !known.is_followed() ? state_of(known.end->how) : signed_state::running,
            .at = known.end ? known.end->at : known.started,
            .code = known.end ? known.end->code : std::string{},
            .detail = known.end ? known.end->detail : "under way",
            .operation = known.id};
}

/// The exit status of a command that brings a signed operation.
[[nodiscard]] inline auto exit_code_of(const signed_result& result) -> exit_code
{
    switch (result.state) {
    case signed_state::succeeded:
        return exit_code::success;
    case signed_state::waiting:
        return exit_code::busy;
    case signed_state::running: // its outcome is not known yet
        return exit_code::unknown;
    case signed_state::refused:
        return exit_code::refused;
    case signed_state::failed:
        return reconcile::exit_code_of_failure(result.code);
    case signed_state::unknown:
        return exit_code::unknown;
    }
    return exit_code::error;
}

[[nodiscard]] inline auto to_json(const signed_result& result) -> boost::json::object
{
    auto object = boost::json::object{{"schema", "felhom-op-result/1"},
                                      {"blob_sha256", to_hex(result.blob)},
                                      {"state", text_of(result.state)},
                                      {"at", to_rfc3339(result.at)},
                                      {"code", result.code},
                                      {"detail", result.detail}};
    if (result.operation) {
        object["operation"] = number(*result.operation);
    }
    return object;
}

/// Reads a stored result back.
[[nodiscard]] inline auto parse_signed_result(std::string_view text) -> tl::expected<signed_result, json_error>
{
    return read_json(text, {}, [](const json_node& root) {
        auto in = object_reader{root};
        auto result = signed_result{.blob = in.parsed("blob_sha256", parse_digest).value_or(sha256_digest{}),
                                    .state = in.one_of("state", signed_state_words),
                                    .at = in.time("at"),
                                    .code = in.text("code"),
                                    .detail = in.text("detail")};
        if (const auto id = in.integer_if<std::uint64_t>("operation")) {
            result.operation = operation_id{*id};
        }
        return std::move(in).finish(std::move(result));
    });
}

} // namespace felhom::operate
