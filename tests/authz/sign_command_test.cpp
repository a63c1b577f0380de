// SPDX-License-Identifier: Apache-2.0
#include "authz/support/ssh_keygen.hpp"
#include "sign/sign_command.hpp"
#include "support/catch.hpp"

#include <felhom/authz/error.hpp>
#include <felhom/authz/operation/bundle.hpp>
#include <felhom/authz/operation/operation_name.hpp>
#include <felhom/authz/pipeline.hpp>
#include <felhom/core/contains.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sign_command_tests {

using namespace felhom;
using namespace felhom::sign;
using authz::scratch_folder;

namespace {

const auto noon = *parse_instant("2026-06-01T12:00:00.5Z");
constexpr auto some_nonce = "00112233445566778899aabbccddeeff";

auto destroy_101(const std::string& key = "/keys/op-1") -> sign_options
{
    return {.op = "guest.destroy", .host = "host-a", .guest = "101", .key = key};
}

} // namespace

TEST_CASE("a planned operation begins now, in whole seconds, and takes its key id from the key's file")
{
    auto options = destroy_101();
    options.expect_digest = "abc";
    options.params = R"({"purge":true})";
    CHECK(plan_operation(options, noon, some_nonce)
          == authz::operation{.op = "guest.destroy",
                              .host_id = "host-a",
                              .guest_id = *vmid::parse("101"),
                              .params = {{"purge", true}},
                              .nonce = *authz::nonce::parse(some_nonce),
                              .not_before = *parse_instant("2026-06-01T12:00:00Z"),
                              .expires_at = *parse_instant("2026-06-01T12:15:00Z"),
                              .key_id = "op-1",
                              .expected_digest = "abc"});
}

TEST_CASE("what an agent would refuse for its form is not signed in the first place")
{
    const auto refused = [](auto change) {
        auto options = destroy_101();
        change(options);
        return !plan_operation(options, noon, some_nonce).has_value();
    };
    CHECK(refused([](sign_options& o) { o.op = "guest.destroy it"; }));
    CHECK(refused([](sign_options& o) { o.op = "guest.destory"; }));
    CHECK(refused([](sign_options& o) { o.host = "höst"; }));
    CHECK(refused([](sign_options& o) { o.guest = "99"; }));
    CHECK(refused([](sign_options& o) { o.valid = "25h"; }));
    CHECK(refused([](sign_options& o) { o.valid = "0s"; }));
    CHECK(refused([](sign_options& o) { o.valid = "15"; }));
    CHECK(refused([](sign_options& o) { o.params = "[]"; }));
    CHECK(refused([](sign_options& o) { o.params = R"({"x":1.5})"; }));
    CHECK(refused([](sign_options& o) { o.not_before = "now"; }));
    CHECK(refused([](sign_options& o) { o.expect_digest = ""; }));
}

TEST_CASE("every operation that an agent carries out can be planned")
{
    for (const auto& [name, params] : std::vector<std::pair<std::string_view, std::string>>{
             {"guest.destroy", "{}"},
             {"guest.rollback", R"({"snapshot":"before"})"},
             {"guest.delete_snapshot", R"({"snapshot":"before"})"},
             {"guest.restore", R"({"archive":"local:backup/a.tar"})"},
             {"guest.set_config", R"({"set":{"protection":"0"}})"},
             {"guest.stop", "{}"},
             {"guest.resize", R"({"disk":"mp0","size":"128G"})"},
             {"backup.delete", R"({"volid":"local:backup/a.tar"})"}}) {
        INFO(name);
        REQUIRE(contains(authz::operation_names, name));
        auto options = destroy_101();
        options.op = name;
        options.params = params;
        const auto planned = plan_operation(options, noon, some_nonce);
        REQUIRE(planned.has_value());
        CHECK(planned->op == name);
    }
}

TEST_CASE("what the host would refuse is refused before it is signed, in the host's words")
{
    const auto refusal = [](std::string op, std::string params) {
        auto options = destroy_101();
        options.op = std::move(op);
        options.params = std::move(params);
        const auto planned = plan_operation(options, noon, some_nonce);
        return planned ? std::string{"planned"} : planned.error();
    };
    CHECK(refusal("guest.destory", "{}") == "there is no operation 'guest.destory' (did you mean 'guest.destroy'?)");
    CHECK(refusal("guest.start", "{}").starts_with("there is no operation 'guest.start'"));
    CHECK(refusal("guest.destroy", R"({"purg":true})")
          == "guest.destroy has no parameter 'purg' (did you mean 'purge'?)");
    CHECK(refusal("guest.set_config", R"({"set":{"protection":0}})")
          == "guest.set_config, parameter 'set': expected an object whose values are strings, such as "
             R"({"protection":"0"}, got 0)");
    CHECK(refusal("backup.delete", "{}") == "backup.delete needs the parameter 'volid'");
    CHECK(refusal("guest.resize", R"({"disk":"mp0","size":"+64G"})")
          == "guest.resize, parameter 'size': expected a size such as 128G or 8704M, got +64G");
    CHECK(refusal("guest.set_config", R"({"set":{"memory":"8"}})")
          == "guest.set_config: Proxmox VE does not take '8' for 'memory'");
    CHECK(refusal("guest.set_config", R"({"set":{"rootfs":"local:v"}})")
          == "guest.set_config: 'rootfs' is not changed by a configuration call");
}

TEST_CASE("a key that the host does not list, or not for this or not for then, is refused before it signs")
{
    const auto files = scratch_folder{};
    auto line = authz::ssh_keygen_new(files, "mine", "ed25519");
    line.pop_back();
    static_cast<void>(authz::ssh_keygen_new(files, "other", "ed25519"));
    const auto refusal = [&](const std::string& key, const std::string& limits) {
        auto options = destroy_101(files.file(key));
        options.signers = files.write("signers.json", R"([{"authorized_key":")" + line
                                                          + R"(","tag":"operational","key_id":"anna")" + limits + "}]");
        const auto may = check_signer(options, *plan_operation(options, noon, some_nonce));
        return may ? std::string{} : may.error();
    };
    CHECK(refusal("mine", "").empty());
    CHECK(refusal("mine.pub", "").empty());
    CHECK(refusal("other", "").starts_with("the host would refuse this key: no signer has the key SHA256:"));
    CHECK(refusal("mine", R"(,"operations":["guest.stop"])")
          == "the host would refuse this key: signer anna may not sign guest.destroy");
    CHECK(refusal("mine", R"(,"valid_before":"2026-01-01T00:00:00Z")")
              .starts_with("the host would refuse this key: signer anna may sign until 2026-01-01"));
    CHECK(refusal("nowhere", "").starts_with("to hold the key against the signers, its public half is needed: "));
    CHECK(refusal("mine", R"(,"operatons":["guest.stop"])").find("signers.json: ") != std::string::npos);
}

TEST_CASE("the summary names everything that is about to be signed")
{
    auto options = destroy_101();
    options.expect_digest = "abc";
    options.params = R"({"purge":true})";
    CHECK(summary(*plan_operation(options, noon, some_nonce))
          == "operation  guest.destroy\n"
             "guest      101\n"
             "host       host-a\n"
             "valid      2026-06-01T12:00:00Z to 2026-06-01T12:15:00Z (15 min)\n"
             "expects    digest abc\n"
             "params     {\"purge\":true}\n"
             "key id     op-1\n"
             "nonce      00112233445566778899aabbccddeeff\n");
}

TEST_CASE("nothing that is about to be signed can be shown as something else")
{
    auto options = destroy_101();
    options.op = "guest.set_config";
    options.params = "{\"set\":{\"description\":\"keep \u202e101\"}}";
    options.key_id = "anna\x1b[2J";
    const auto shown = summary(*plan_operation(options, noon, some_nonce));
    CHECK_THAT(shown, Catch::Contains(R"(params     {"set":{"description":"keep \u202e101"}})"
                                      "\nkey id     anna\\x1b[2J\n"));
}

TEST_CASE("a fresh signature of every key type that ssh-keygen makes is accepted, with both hashes")
{
    const auto folder = scratch_folder{};
    for (const auto* type :
         {"ed25519", "rsa -b 2048", "rsa -b 3072", "rsa -b 4096", "ecdsa -b 256", "ecdsa -b 384", "ecdsa -b 521"}) {
        const auto name = "key" + std::to_string(std::hash<std::string>{}(type));
        const auto line = authz::ssh_keygen_new(folder, name, type);
        const auto listed =
            authz::signers::load({{.authorized_key = line, .tag = authz::signer_tag::operational, .key_id = "op-1"}});
        REQUIRE(listed.has_value());
        const auto op = plan_operation(destroy_101(folder.file(name)), noon, some_nonce);
        REQUIRE(op.has_value());
        for (const auto hash : {authz::message_hash::sha256, authz::message_hash::sha512}) {
            INFO(type << " " << authz::name(hash));
            const auto both = sign_operation(*op, folder.file(name), hash);
            REQUIRE(both.has_value());
            const auto made =
                authz::verify({.armor = both->armor, .blob = both->blob}, *listed, *host_id::parse("host-a"), noon, {});
            INFO((made ? std::string{} : authz::describe(made.error())));
            REQUIRE(made.has_value());
            CHECK(made->what() == *op);
        }
    }
}

TEST_CASE("a bundle is read back as it was written")
{
    const auto both = authz::bundle{.blob = R"({"v":1,"op":"é\u0001"})", .armor = "-----BEGIN…\n"};
    const auto text = authz::write_bundle(both);
    REQUIRE(text.has_value());
    CHECK(authz::parse_bundle(*text) == both);
    CHECK_FALSE(authz::parse_bundle(R"({"operation":"{}"})").has_value());
    CHECK_FALSE(authz::parse_bundle(R"({"operation":1,"signature":""})").has_value());
}

TEST_CASE("a key that ssh-keygen cannot use is an error, not a signature")
{
    const auto op = plan_operation(destroy_101(), noon, some_nonce);
    REQUIRE(op.has_value());
    CHECK_FALSE(sign_operation(*op, "/nonexistent/key", authz::message_hash::sha512).has_value());
}

TEST_CASE("two random nonces differ, and each is one")
{
    const auto one = random_nonce();
    const auto other = random_nonce();
    REQUIRE(one.has_value());
    CHECK(authz::nonce::parse(*one).has_value());
    CHECK(one != other);
}

} // namespace sign_command_tests
