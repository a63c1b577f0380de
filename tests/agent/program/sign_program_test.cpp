// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"
#include "support/catch.hpp"

#include <felhom/authz/operation/bundle.hpp>
#include <felhom/authz/operation/operation.hpp>

#include <boost/json/parse.hpp>

#include <chrono>
#include <string>

using namespace felhom;
using namespace felhom::testing;

namespace {

/// A folder with a key pair.
class keys {
public:
    keys() { REQUIRE(run_in(files, "ssh-keygen -q -N '' -C '' -t ed25519 -f key").status == 0); }

    [[nodiscard]] auto destroy(const std::string& more) const -> ended
    {
        return run_in(files, sign + " guest destroy --host host-a --guest 101 --key key " + more);
    }

    /// Whether the agent that lists key.pub accepts a bundle.
    [[nodiscard]] auto accepted(const std::string& arguments) const -> bool
    {
        auto line = files.read("key.pub");
        line.pop_back();
        files.write("signers.json", R"([{"authorized_key":")" + line + R"(","tag":"recovery","key_id":"k"}])");
        return run_in(files, agent_path + " verify --signers signers.json --host-id host-a " + arguments).status == 0;
    }

    private_directory files;
};

auto operation_in(const std::string& bundle) -> authz::operation
{
    const auto both = authz::parse_bundle(bundle);
    REQUIRE(both.has_value());
    const auto op = authz::parse_operation(both->blob, std::chrono::hours{24});
    REQUIRE(op.has_value());
    return *op;
}

} // namespace

TEST_CASE("the bundle goes to standard output, and what is signed is shown on standard error")
{
    const auto mine = keys{};
    const auto said = mine.destroy("--valid 2h --expect-digest abc --params '{\"purge\":true}' --key-id op-7");
    REQUIRE(said.status == 0);
    const auto op = operation_in(said.out);
    CHECK(op.op == "guest.destroy");
    CHECK(op.host_id == "host-a");
    CHECK(op.guest_id.number() == 101);
    CHECK(op.expires_at - op.not_before == std::chrono::hours{2});
    CHECK(op.expected_digest == "abc");
    CHECK(op.params == boost::json::object{{"purge", true}});
    CHECK(op.key_id == "op-7");
    CHECK(has(said.err, "operation  guest.destroy\nguest      101\nhost       host-a\n"));
    mine.files.write("bundle", said.out);
    CHECK(mine.accepted("--bundle bundle"));
}

TEST_CASE("with --out the bundle is written to a file, and the two parts apart are written on request")
{
    const auto mine = keys{};
    const auto said = mine.destroy("--out bundle --blob-out blob --signature-out sig --hash sha256");
    CHECK(said.status == 0);
    CHECK(said.out.empty());
    const auto both = authz::parse_bundle(mine.files.read("bundle"));
    REQUIRE(both.has_value());
    CHECK(both->blob == mine.files.read("blob"));
    CHECK(both->armor == mine.files.read("sig"));
    CHECK(mine.accepted("--bundle bundle"));
    CHECK(mine.accepted("--blob blob --signature sig"));
}

TEST_CASE("with --not-before the operation begins later")
{
    const auto mine = keys{};
    const auto said = mine.destroy("--not-before 2030-01-01T00:00:00+01:00 --valid 10m");
    REQUIRE(said.status == 0);
    const auto op = operation_in(said.out);
    CHECK(op.not_before == *parse_instant("2029-12-31T23:00:00Z"));
    CHECK(op.expires_at == *parse_instant("2029-12-31T23:10:00Z"));
}

TEST_CASE("a wrong command line exits 64, a key that does not sign 69, a place that cannot be written 73")
{
    const auto mine = keys{};
    CHECK(run_in(mine.files, sign).status == 64);
    CHECK(run_in(mine.files, sign + " guest destroy --host host-a --key key").status == 64);
    for (const auto* wrong : {"--guest 7", "--valid 2d", "--valid 25h", "--params []", "--params '{\"a\":1.5}'",
                              "--hash md5", "--not-before tomorrow", "--unknown"}) {
        INFO(wrong);
        CHECK(mine.destroy(wrong).status == 64);
    }
    CHECK(mine.destroy("--key nowhere").status == 64); // given twice
    CHECK(mine.destroy("--signers nowhere").status == 64);
    const auto misspelt = run_in(mine.files, sign + " guest destory --host host-a --guest 101 --key key");
    CHECK(misspelt.status == 64);
    CHECK(has(misspelt.err, "there is no operation 'guest.destory' (did you mean 'guest.destroy'?)"));
    const auto no_volume = run_in(mine.files, sign + " backup delete --host host-a --guest 101 --key key");
    CHECK(no_volume.status == 64);
    CHECK(has(no_volume.err, "backup.delete needs the parameter 'volid'"));
    const auto no_key = run_in(mine.files, sign + " guest destroy --host host-a --guest 101 --key nowhere");
    CHECK(no_key.status == 69);
    CHECK(no_key.out.empty());
    const auto no_place = mine.destroy("--out /nonexistent/bundle");
    CHECK(no_place.status == 73);
    CHECK(has(no_place.err, "cannot write what was signed"));
    CHECK(run_in(mine.files, sign + " --help").status == 0);
}

TEST_CASE("a key in ssh-agent signs by its public half")
{
    const auto mine = keys{};
    const auto said = run_in(mine.files, "ssh-agent sh -c 'ssh-add -q key && rm key && exec " + sign
                                             + " guest destroy --host host-a --guest 101 --key key.pub --out bundle'");
    CHECK(said.status == 0);
    CHECK(operation_in(mine.files.read("bundle")).key_id == "key");
    CHECK(mine.accepted("--bundle bundle"));
}

TEST_CASE("a signature that no agent would accept is not handed out: a token that nobody touched")
{
    const auto mine = keys{};
    const auto by_token = [&](const std::string& flags) {
        return run_in(mine.files, "PATH=" + token_in_software.parent_path().string()
                                      + ":$PATH FELHOM_TOKEN_FLAGS=" + flags + " " + sign
                                      + " guest destroy --host host-a --guest 101 --key token.pub");
    };
    CHECK(by_token("1").status == 0);
    const auto untouched = by_token("0");
    CHECK(untouched.status == 69);
    CHECK(untouched.out.empty());
    CHECK(has(untouched.err, "the agent would refuse this signature"));
    CHECK(has(untouched.err, "user presence"));
    CHECK(by_token("65").status == 69);
}

TEST_CASE("canonicalize prints canonical bytes, from a file or from standard input")
{
    const auto files = private_directory{};
    files.write("in.json", "{ \"b\" : 1.0, \"a\" : \"\\u00e9\" }\n");
    for (const auto* const source : {"in.json", "<in.json", "- <in.json"}) {
        const auto said = run_in(files, sign + " canonicalize " + source);
        CHECK(said.status == 0);
        CHECK(said.out == "{\"a\":\"é\",\"b\":1}");
    }
    files.write("in.json", R"({"a":1,"\u0061":2})");
    const auto ambiguous = run_in(files, sign + " canonicalize in.json");
    CHECK(ambiguous.status == 65);
    CHECK(has(ambiguous.err, "key \"a\" is given twice"));
    CHECK(ambiguous.out.empty());
    CHECK(run_in(files, sign + " canonicalize nowhere").status == 64);
}

TEST_CASE("a bundle is shown with what it costs, until when, by which key, and whether its signature holds")
{
    const auto mine = keys{};
    REQUIRE(mine.destroy("--out bundle").status == 0);
    const auto shown = run_in(mine.files, sign + " show bundle");
    CHECK(shown.status == 0);
    CHECK(has(shown.out, "operation  guest.destroy\nguest      101\nhost       host-a\n"));
    CHECK(has(shown.out, "\ncosts      destructive: the guest and its volumes are gone for good\n"));
    CHECK(has(shown.out, "\nnow        it may be begun until "));
    CHECK(has(shown.out, "\nkey        ssh-ed25519 SHA256:"));
    CHECK(has(shown.out, "\nsignature  good\n"));
}

TEST_CASE("a bundle whose bytes were changed after the signature is shown as bad, and is not signed a second time")
{
    const auto mine = keys{};
    REQUIRE(mine.destroy("--out bundle").status == 0);
    auto text = mine.files.read("bundle");
    text.replace(text.find(R"(\"101\")"), 7, R"(\"102\")");
    mine.files.write("bundle", text);
    const auto shown = run_in(mine.files, sign + " show bundle");
    CHECK(shown.status == 1);
    CHECK(has(shown.out, "\nsignature  bad: "));
    const auto signed_again = run_in(mine.files, sign + " cosign bundle --yes --key key");
    CHECK(signed_again.status == 1);
    CHECK(signed_again.out.empty());
    CHECK(has(signed_again.err, "the signature that it has does not hold; nothing was signed"));
}

TEST_CASE("a second key signs the same bytes, as a quorum asks for, and the first one is told that it has signed")
{
    const auto mine = keys{};
    REQUIRE(run_in(mine.files, "ssh-keygen -q -N '' -C '' -t ed25519 -f other").status == 0);
    REQUIRE(mine.destroy("--out bundle").status == 0);
    const auto second = run_in(mine.files, sign + " cosign bundle --yes --key other --out second");
    REQUIRE(second.status == 0);
    const auto first_parts = authz::parse_bundle(mine.files.read("bundle"));
    const auto second_parts = authz::parse_bundle(mine.files.read("second"));
    REQUIRE(first_parts.has_value());
    REQUIRE(second_parts.has_value());
    CHECK(second_parts->blob == first_parts->blob);
    CHECK(second_parts->armor != first_parts->armor);
    CHECK(run_in(mine.files, sign + " show second").status == 0);

    const auto again = run_in(mine.files, sign + " cosign bundle --yes --key key");
    CHECK(again.status == 69);
    CHECK(has(again.err, "this key has signed it already: a quorum counts different keys"));
}

TEST_CASE("shown against the host's signers, a bundle of another key is refused, with the reason")
{
    const auto mine = keys{};
    REQUIRE(run_in(mine.files, "ssh-keygen -q -N '' -C '' -t ed25519 -f other").status == 0);
    REQUIRE(mine.destroy("--out bundle").status == 0);
    REQUIRE(mine.accepted("--bundle bundle")); // writes signers.json, with the key that signed
    CHECK(has(run_in(mine.files, sign + " show bundle --signers signers.json").out, "\nsigner     k (recovery)\n"));
    REQUIRE(run_in(mine.files, sign + " cosign bundle --yes --key other --out second").status == 0);
    const auto shown = run_in(mine.files, sign + " show second --signers signers.json");
    CHECK(shown.status == 1);
    CHECK(has(shown.out, "\nsignature  good\nsigner     refused: "));
}

TEST_CASE("for several hosts each gets a bundle of its own, with a nonce of its own")
{
    const auto mine = keys{};
    REQUIRE(run_in(mine.files, "mkdir bundles").status == 0);
    REQUIRE(mine.destroy("--host host-b --out bundles").status == 0);
    const auto one = operation_in(mine.files.read("bundles/host-a.bundle"));
    const auto other = operation_in(mine.files.read("bundles/host-b.bundle"));
    CHECK(one.host_id == "host-a");
    CHECK(other.host_id == "host-b");
    CHECK(one.nonce.text() != other.nonce.text());

    const auto into_one = mine.destroy("--host host-b --out bundle");
    CHECK(into_one.status == 64);
    CHECK(has(into_one.err, "for several hosts --out must be a directory"));
}

TEST_CASE("the parameters of what waits for a signature are taken out of a plan")
{
    const auto mine = keys{};
    mine.files.write("plan.json", R"({"schema":"felhom-plan/1","generation":3,"compared":2,"actions":[],"skipped":[
        {"vmid":101,"key":"protection","from":"1","to":"0","reason":"needs_signature","detail":"","grants":[]},
        {"vmid":101,"key":"mp1","from":"/a,mp=/b","to":null,"reason":"needs_signature","detail":"","grants":[]},
        {"vmid":101,"key":"cores","from":"1","to":"2","reason":"lacks_privilege","detail":"","grants":[]},
        {"vmid":102,"key":"protection","from":"1","to":"0","reason":"needs_signature","detail":"","grants":[]}]})");
    const auto set = sign + " guest set_config --host host-a --key key --yes --from-plan plan.json --guest ";
    const auto said = run_in(mine.files, set + "101");
    REQUIRE(said.status == 0);
    CHECK(operation_in(said.out).params
          == boost::json::object{{"set", {{"protection", "0"}}}, {"delete", boost::json::array{"mp1"}}});
    const auto nothing = run_in(mine.files, set + "103");
    CHECK(nothing.status == 64);
    CHECK(has(nothing.err, "the plan has nothing of guest 103 that waits for a signature"));
}

TEST_CASE("what somebody else wrote is not signed unasked: a bundle's second signature, and a plan's parameters")
{
    const auto mine = keys{};
    REQUIRE(run_in(mine.files, "ssh-keygen -q -N '' -C '' -t ed25519 -f other").status == 0);
    REQUIRE(mine.destroy("--out bundle").status == 0);
    const auto second = run_in(mine.files, sign + " cosign bundle --key other");
    CHECK(second.status == 1);
    CHECK(second.out.empty());
    CHECK(has(second.err, "nothing was signed: nobody said yes, at a terminal or by --yes"));

    mine.files.write("plan.json", R"({"schema":"felhom-plan/1","generation":3,"compared":2,"actions":[],"skipped":[
        {"vmid":101,"key":"protection","from":"1","to":"0","reason":"needs_signature","detail":"","grants":[]}]})");
    const auto planned = run_in(mine.files, sign
                                                + " guest set_config --host host-a --guest 101 --key key"
                                                  " --from-plan plan.json");
    CHECK(planned.status == 1);
    CHECK(planned.out.empty());
    const auto for_two = run_in(mine.files, sign
                                                + " guest set_config --host host-a --host host-b --guest 101 --key key"
                                                  " --yes --from-plan plan.json --out .");
    CHECK(for_two.status == 64);
    CHECK(has(for_two.err, "--from-plan is for one --host"));
}
