// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/error.hpp>
#include <felhom/authz/operation/bundle.hpp>
#include <felhom/authz/stage.hpp>
#include <felhom/core/instant.hpp>
#include <felhom/core/json/error.hpp>
#include <felhom/core/sha256.hpp>
#include <felhom/operate/gate/authorization.hpp>
#include <felhom/operate/gate/gate_refusal.hpp>
#include <felhom/operate/operation/operation_record.hpp>
#include <felhom/operate/operation/signed_result.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// Signed operations as they are brought: bundles, several of which may be signatures for one operation.
namespace felhom::operate {

/// One bundle and where it came from.
struct submitted_bundle {
    std::string source; ///< a file's name, to be let go once there is a result
    std::string text;

    friend auto operator==(const submitted_bundle&, const submitted_bundle&) -> bool = default;
};

/// All signatures that were brought for the same bytes.
struct gathered_signatures {
    sha256_digest blob;
    signature_set submitted;
    std::vector<std::string> sources; ///< of each signature
};

/// A bundle that is none.
struct unreadable_bundle {
    std::string source;
    signed_result answer; ///< under the hash of the bundle itself
};

struct inbox {
    std::vector<gathered_signatures> signature_sets;
    std::vector<unreadable_bundle> unreadable;
    std::vector<std::string> undecided; ///< sources that no answer can be given for now: OpenSSL refused
};

/// The answer to something that is no bundle, by its SHA-256.
[[nodiscard]] inline auto not_a_bundle(const sha256_digest& text, const std::string& why, instant now) -> signed_result
{
    return {.blob = text,
            .state = signed_state::refused,
            .at = now,
            .code = "malformed",
            .detail = brief("not a bundle: " + why)};
}

/// Sorts bundles by the operation that they sign, in the order in which they were brought.
[[nodiscard]] inline auto gather(const std::vector<submitted_bundle>& brought, instant now) -> inbox
{
    auto sorted = inbox{};
    for (const auto& [source, text] : brought) {
        auto bundle = authz::parse_bundle(text);
        const auto blob = sha256(bundle ? bundle->blob : text);
        if (!blob) {
            sorted.undecided.push_back(source);
            continue;
        }
        if (!bundle) {
            sorted.unreadable.push_back(
                {.source = source, .answer = not_a_bundle(*blob, felhom::describe(bundle.error()), now)});
            continue;
        }
        const auto known = std::ranges::find(sorted.signature_sets, *blob, &gathered_signatures::blob);
        auto& gathered = known != sorted.signature_sets.end()
                             ? *known
                             : sorted.signature_sets.emplace_back(gathered_signatures{
                                   .blob = *blob, .submitted = {.blob = bundle->blob, .armors = {}}, .sources = {}});
        gathered.submitted.armors.push_back(std::move(bundle->armor));
        gathered.sources.push_back(source);
    }
    return sorted;
}

/// Whether a refusal was caused by somebody who may sign this very operation.
[[nodiscard]] inline auto is_of_authority(const gate_refusal& why) -> bool
{
    const auto* const unverified = std::get_if<not_verified>(&why);
    return unverified == nullptr || authz::stage_of(unverified->why) > authz::stage::operation;
}

/// What stands for an operation together with its signatures, while none of them has authority over it.
[[nodiscard]] inline auto key_without_authority(const signature_set& submitted, const sha256_digest& blob)
    -> sha256_digest
{
    auto all = submitted.blob;
    for (const auto& armor : submitted.armors) {
        all += '\0' + armor;
    }
    return sha256(all).value_or(blob);
}

/// The name under which a result is kept.
///
/// A refusal of a signature that is nobody's, or of a signer who may not sign this operation, must not stand under the
/// hash of the operation: whoever sees an operation on its way could have it refused before it arrives. So until one
/// signature holds that has authority over it, the refusal is kept under the hash of operation and signatures together.
[[nodiscard]] inline auto key_of(const gate_refusal& why, const signature_set& submitted, const sha256_digest& blob)
    -> sha256_digest
{
    return is_of_authority(why) ? blob : key_without_authority(submitted, blob);
}

/// The file that holds the result of an operation that somebody signed, and by which that operation is known again.
[[nodiscard]] inline auto result_name(const sha256_digest& key) -> std::string
{
    return to_hex(key) + ".json";
}

/// How the names begin of results that say nothing about the next time that the same is brought: no signature with
/// authority held, or its time was over. Anyone can bring such things without end, so only the newest of their results
/// are kept; nothing is lost with one, since the same would be judged again.
inline constexpr auto unproven = std::string_view{"unproven-"};
inline constexpr auto most_unproven = std::size_t{1000};

[[nodiscard]] inline auto unproven_result_name(const sha256_digest& key) -> std::string
{
    return std::string{unproven} + result_name(key);
}

/// Whether a result stands for the operation itself, however often it is brought again.
[[nodiscard]] inline auto is_proven(const signed_result& result, const sha256_digest& blob) -> bool
{
    return result.blob == blob && bars_another_judgement(result);
}

/// The ending of the files that are taken.
inline constexpr auto bundle_ending = std::string_view{".bundle"};

/// The file in which one signature for an operation is brought: the same again is the same file.
[[nodiscard]] inline auto bundle_name(const sha256_digest& blob, const sha256_digest& armor) -> std::string
{
    static constexpr auto shown = std::size_t{16};
    return to_hex(blob) + "-" + to_hex(armor).substr(0, shown) + std::string{bundle_ending};
}

} // namespace felhom::operate
