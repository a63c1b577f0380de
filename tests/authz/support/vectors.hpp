// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/catch.hpp"

#include <felhom/authz/error.hpp>
#include <felhom/authz/pipeline.hpp>
#include <felhom/authz/signers/signers_json.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace felhom::authz::vectors {

/// A file of tests/data/sshsig, raw.
[[nodiscard]] inline auto file(const std::string& path) -> std::string
{
    auto in = std::ifstream{std::string{FELHOM_DATA} + "/sshsig/" + path, std::ios::binary};
    INFO(path);
    REQUIRE(in.good());
    return {std::istreambuf_iterator<char>{in}, {}};
}

[[nodiscard]] inline auto json(const std::string& path) -> boost::json::value
{
    return boost::json::parse(file(path));
}

[[nodiscard]] inline auto text(const boost::json::value& object, const char* key) -> std::string
{
    return std::string{std::string_view{object.at(key).as_string()}};
}

[[nodiscard]] inline auto listed(const std::string& name) -> const tl::expected<signers, signers_file_error>&
{
    static auto loaded = std::map<std::string, tl::expected<signers, signers_file_error>>{};
    auto found = loaded.find(name);
    if (found == loaded.end()) {
        found = loaded.emplace(name, parse_signers_file(file("signers/" + name + ".json"))).first;
    }
    return found->second;
}

/// One case of the manifest, its files read.
struct vector_case {
    std::string name;
    std::string armor;
    std::string blob;
    std::string signers_name;
    instant now;
    host_id here;
    time_policy policy;
    std::string expected;
    std::string key_id;
    std::string tag;
};

[[nodiscard]] inline auto cases() -> const std::map<std::string, vector_case>&
{
    static const auto all = [] {
        auto read = std::map<std::string, vector_case>{};
        const auto manifest = json("manifest.json");
        for (const auto& one : manifest.at("cases").as_array()) {
            const auto optional = [&](const char* key) {
                return one.as_object().contains(key) ? text(one, key) : std::string{};
            };
            read.emplace(text(one, "name"), vector_case{
                                                .name = text(one, "name"),
                                                .armor = file(text(one, "sig")),
                                                .blob = file(text(one, "blob")),
                                                .signers_name = text(one, "signers"),
                                                .now = *parse_instant(text(one, "now")),
                                                .here = *host_id::parse(text(one, "host_id")),
                                                .policy = {.skew = std::chrono::seconds{one.at("skew_s").as_int64()}},
                                                .expected = text(one, "expected"),
                                                .key_id = optional("expect_key_id"),
                                                .tag = optional("expect_tag"),
                                            });
        }
        return read;
    }();
    return all;
}

/// Stages 1 to 8 on a case, optionally at another time.
[[nodiscard]] inline auto run(const vector_case& one, std::optional<instant> now = {}) -> tl::expected<timely, error>
{
    const auto& known = listed(one.signers_name);
    REQUIRE(known.has_value());
    return verify({.armor = one.armor, .blob = one.blob}, *known, one.here, now.value_or(one.now), one.policy);
}

/// The bytes that an armor holds, and an armor that holds some bytes.
[[nodiscard]] inline auto disarmed(const std::string& armor) -> std::string
{
    const auto bytes = decode_armor(armor);
    REQUIRE(bytes.has_value());
    return {bytes->begin(), bytes->end()};
}

[[nodiscard]] inline auto armored_text(const std::string& bytes) -> std::string
{
    return "-----BEGIN SSH SIGNATURE-----\n" + encode_base64(bytes) + "\n-----END SSH SIGNATURE-----\n";
}

/// The manifest's word for an error's code.
[[nodiscard]] inline auto word(std::string_view error_code) -> std::string
{
    static const auto words = std::map<std::string_view, std::string>{
        {"malformed", "Malformed"},          {"namespace", "Namespace"}, {"unknown_signer", "UnknownSigner"},
        {"bad_signature", "BadSignature"},   {"target", "Target"},       {"expired", "Expired"},
        {"not_yet_valid", "NotYetValid"},    {"replay", "Replay"},       {"store", "Store"},
        {"config_refused", "ConfigRefused"},
    };
    return words.at(error_code);
}

template <typename Passed>
[[nodiscard]] auto verdict(const tl::expected<Passed, error>& made) -> std::string
{
    return made ? "ok" : word(code(made.error()));
}

} // namespace felhom::authz::vectors
