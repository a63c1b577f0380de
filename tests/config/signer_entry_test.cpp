// SPDX-License-Identifier: Apache-2.0
#include "settings_builder.hpp"

#include <felhom/config/layered.hpp>

using namespace felhom::config;
using namespace felhom::config::testing;

namespace {

/// authz.signers with one complete signer and these members beside it.
auto signer(const std::string& more) -> std::string
{
    return R"([{"authorized_key":"ssh-ed25519 AAAA","tag":"recovery","key_id":"k")" + more + "}]";
}

auto in_file(const std::string& signers) -> std::string
{
    return R"({"authz":{"signers":)" + signers + "}}";
}

auto read(const std::string& signers) -> std::vector<signer_entry>
{
    const auto from = layered::read(in_file(signers), {});
    REQUIRE(from.has_value());
    const auto* const found = from->find(key<std::vector<signer_entry>>{"authz.signers"});
    REQUIRE(found != nullptr);
    return *found;
}

} // namespace

TEST_CASE("a signer needs its key, its tag and its id, and may be bounded in what it signs and when")
{
    CHECK(read(signer("")) == std::vector{signer_entry{"ssh-ed25519 AAAA", signer_tag::recovery, "k"}});
    CHECK(read(signer(R"(,"operations":["guest.destroy"],"valid_after":"2026-01-01T00:00:00Z",)"
                      R"("valid_before":"2027-01-01T00:00:00Z")"))
          == std::vector{signer_entry{
              "ssh-ed25519 AAAA",
              signer_tag::recovery,
              "k",
              {{"guest.destroy"}},
              {*felhom::parse_instant("2026-01-01T00:00:00Z"), *felhom::parse_instant("2027-01-01T00:00:00Z")}}});
    CHECK(read("[]").empty());
}

TEST_CASE("a tab between the parts of a key is taken, as OpenSSH does")
{
    CHECK(read(R"([{"authorized_key":"ssh-ed25519\tAAAA","tag":"recovery","key_id":"k"}])")
          == std::vector{signer_entry{"ssh-ed25519\tAAAA", signer_tag::recovery, "k"}});
}

TEST_CASE("a signer with anything missing, unknown or malformed refuses the configuration, with the path")
{
    const auto error = [](const std::string& signers) {
        const auto errors = errors_in(in_file(signers));
        REQUIRE(errors.size() == 1);
        return errors.front();
    };
    CHECK(error(R"([{"tag":"recovery","key_id":"k"}])")
          == config_error{bad_value{"authz.signers[0].authorized_key", origin::file, "a value", "nothing"}});
    CHECK(
        error(R"([{"authorized_key":"x","tag":"root","key_id":"k"}])")
        == config_error{bad_value{"authz.signers[0].tag", origin::file, R"("operational" or "recovery")", "\"root\""}});
    CHECK(error(signer(R"(,"operatons":[])"))
          == config_error{unknown_name{"authz.signers[0].operatons", origin::file, "operations"}});
    CHECK(error(signer(R"(,"operations":[])"))
          == config_error{bad_value{"authz.signers[0].operations", origin::file,
                                    "at least one operation, or no list for all of them", "an array"}});
    CHECK(error(signer(R"(,"valid_before":"tomorrow")"))
          == config_error{bad_value{"authz.signers[0].valid_before", origin::file,
                                    "an RFC 3339 time with a zone, such as 2026-11-23T13:05:00Z", "\"tomorrow\""}});
    CHECK(error(R"([{"authorized_key":"a\nb","tag":"recovery","key_id":"k"}])")
          == config_error{
              bad_value{"authz.signers[0].authorized_key", origin::file, "one line of text", "a newline at byte 1"}});
    CHECK(error(R"([{"authorized_key":"ssh-ed25519 AAAA\n","tag":"recovery","key_id":"k"}])")
          == config_error{
              bad_value{"authz.signers[0].authorized_key", origin::file, "one line of text", "a newline at byte 16"}});
    CHECK(error(R"([{"authorized_key":"---- BEGIN SSH2 PUBLIC KEY ----\nAAAA","tag":"recovery","key_id":"k"}])")
          == config_error{bad_value{"authz.signers[0].authorized_key", origin::file, "a line as in authorized_keys",
                                    "an RFC 4716 file; `ssh-keygen -i -f FILE` makes a line of it"}});
    CHECK(error(R"([{"authorized_key":"","tag":"recovery","key_id":"k"}])")
          == config_error{
              bad_value{"authz.signers[0].authorized_key", origin::file, "a line as in authorized_keys", "nothing"}});
    CHECK(error(R"([{"authorized_key":"x","tag":"recovery","key_id":""}])")
          == config_error{
              bad_value{"authz.signers[0].key_id", origin::file, "a line of text, at most 256 bytes", "\"\""}});
    CHECK(error(signer(R"(,"operations":["guest destroy"])"))
          == config_error{bad_value{"authz.signers[0].operations[0]", origin::file,
                                    "the name of an operation, such as guest.destroy", "\"guest destroy\""}});
    CHECK(error(signer(R"(,"valid_after":"2027-01-01T00:00:00Z","valid_before":"2027-01-01T00:00:00Z")"))
          == config_error{bad_value{"authz.signers[0].valid_before", origin::file, "a time after valid_after",
                                    "\"2027-01-01T00:00:00Z\""}});
    CHECK(error(signer(R"(,"name":"in the safe")"))
          == config_error{unknown_name{"authz.signers[0].name", origin::file, ""}});
    CHECK(error(R"(["ssh-ed25519 AAAA"])")
          == config_error{bad_value{"authz.signers[0]", origin::file, "an object", "\"ssh-ed25519 AAAA\""}});
}

TEST_CASE("the environment carries the same list, as JSON")
{
    const auto from = layers(with({}, "authz.signers", signer("")));
    const auto* const found = from.find(key<std::vector<signer_entry>>{"authz.signers"});
    REQUIRE(found != nullptr);
    CHECK(*found == read(signer("")));
    CHECK(errors_in(with({}, "authz.signers", "[{}]"))
          == config_errors{bad_value{"authz.signers[0].authorized_key", origin::environment, "a value", "nothing"}});
    CHECK(errors_in(with({}, "authz.signers", signer(R"(,"valid_untill":"x")")))
          == config_errors{unknown_name{"authz.signers[0].valid_untill", origin::environment, "valid_after"}});
}
