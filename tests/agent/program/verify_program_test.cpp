// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"
#include "io/journal/replay_store.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>
#include <sys/stat.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <string_view>

using namespace felhom;
using namespace felhom::testing;

namespace {

auto word(const ended& said, const char* key) -> std::string
{
    return std::string{std::string_view{boost::json::parse(said.out).at(key).as_string()}};
}

/// An operator with a key, a list of signers with that key, and signed bundles.
class desk {
public:
    desk()
    {
        REQUIRE(run_in(files, "ssh-keygen -q -N '' -C '' -t ed25519 -f key").status == 0);
        auto line = files.read("key.pub");
        line.pop_back();
        files.write("signers.json", R"([{"authorized_key":")" + line + R"(","tag":"operational","key_id":"op-1"}])");
        sign_bundle("bundle");
    }

    void sign_bundle(const std::string& name) const
    {
        REQUIRE(run_in(files, sign + " guest destroy --host host-a --guest 101 --key key --out " + name).status == 0);
    }

    [[nodiscard]] auto verify(const std::string& more) const -> ended
    {
        return run_in(files, agent_path + " verify --json --signers signers.json --host-id host-a " + more);
    }

    private_directory files;
};

} // namespace

TEST_CASE("verify exits 0 for a bundle that was just signed, and prints the operation")
{
    const auto operators = desk{};
    const auto said = operators.verify("--bundle bundle");
    CHECK(said.status == 0);
    CHECK(word(said, "op") == "guest.destroy");
    CHECK(word(said, "key_id") == "op-1");
    CHECK(boost::json::parse(said.out).at("replay_checked") == false);
    CHECK(said.err.empty());
}

TEST_CASE("verify exits 5 for another host, 64 for a wrong command line, 78 for signers that are refused")
{
    const auto operators = desk{};
    const auto other =
        run_in(operators.files, agent_path + " verify --signers signers.json --host-id host-b --bundle bundle");
    CHECK(other.status == 5);
    CHECK(has(other.out, "refused: target at target: meant for host \"host-a\""));

    const auto lacking = run_in(operators.files, agent_path + " verify --signers signers.json --bundle bundle");
    CHECK(lacking.status == 64);
    CHECK(has(lacking.err, "missing: --host-id H"));
    CHECK(operators.verify("--bundle bundle --skew soon").status == 64);
    CHECK(operators.verify("--bundle nowhere").status == 64);
    CHECK(operators.verify("--unknown").status == 64);
    CHECK(operators.verify("--batch - --bundle bundle").status == 64);

    operators.files.write("signers.json", R"([{"authorized_key":"ssh-ed25519 AAAA","tag":"recovery","key_id":"k"}])");
    const auto refused = operators.verify("--bundle bundle");
    CHECK(refused.status == 78);
    CHECK(word(refused, "error") == "config_refused");
}

TEST_CASE("with a nonce store an operation is accepted by one process, and by none after it")
{
    const auto operators = desk{};
    const auto first = operators.verify("--bundle bundle --nonce-store nonces");
    CHECK(first.status == 0);
    CHECK(boost::json::parse(first.out).at("replay_checked") == true);
    for (auto again = 0; again < 2; ++again) {
        const auto said = operators.verify("--bundle bundle --nonce-store nonces");
        CHECK(said.status == 5);
        CHECK(word(said, "error") == "replay");
        CHECK(word(said, "stage") == "nonce");
    }
    operators.sign_bundle("other");
    CHECK(operators.verify("--bundle other --nonce-store nonces").status == 0);
    CHECK(has(operators.files.read("nonces.lock"), "felhom-agent verify, process "));
}

TEST_CASE("of two processes at once that claim one nonce, one is told to go on")
{
    const auto operators = desk{};
    const auto line =
        agent_path + " verify --json --signers signers.json --host-id host-a --bundle bundle --nonce-store nonces";
    for (auto round = 0; round < 5; ++round) {
        static_cast<void>(run_in(operators.files, "rm -f nonces nonces.lock nonces.used one two; " + line + " >one & "
                                                      + line + " >two; wait"));
        auto accepted = 0;
        for (const auto* const name : {"one", "two"}) {
            accepted += boost::json::parse(operators.files.read(name)).at("ok").as_bool() ? 1 : 0;
        }
        CHECK(accepted == 1);
    }
}

TEST_CASE("a nonce store that is locked, unwritable or exposed refuses the operation with the code store")
{
    const auto operators = desk{};
    REQUIRE(operators.verify("--bundle bundle --nonce-store nonces").status == 0);
    operators.sign_bundle("other");
    const auto refused = [&](const std::string& store) {
        const auto said = operators.verify("--bundle other --nonce-store " + store);
        CHECK(said.status == 5);
        CHECK(word(said, "error") == "store");
        return word(said, "detail");
    };
    {
        const auto held =
            io::replay_store::open(io::system_disk(), operators.files.path() + "/nonces", "the test itself");
        REQUIRE(held);
        CHECK(has(refused("nonces"), "nonces is in use by the test itself"));
    }
    CHECK(has(refused("/nonexistent/nonces"), "/nonexistent/nonces.lock"));
    REQUIRE(::chmod((operators.files.path() + "/nonces").c_str(), 0644) == 0);
    CHECK(has(refused("nonces"), "nonces can be read by others (mode 0644); run: chmod 600 nonces"));
    REQUIRE(::chmod((operators.files.path() + "/nonces").c_str(), 0600) == 0);
    CHECK(operators.verify("--bundle other --nonce-store nonces").status == 0);
}

TEST_CASE("a nonce store that vanished is not made anew in silence, and repaired refuses what it may have accepted")
{
    const auto operators = desk{};
    REQUIRE(operators.verify("--bundle bundle --nonce-store nonces").status == 0);
    REQUIRE(std::filesystem::remove(operators.files.path() + "/nonces"));
    const auto refused = operators.verify("--bundle bundle --nonce-store nonces");
    CHECK(refused.status == 5);
    CHECK(word(refused, "error") == "store");
    CHECK(has(word(refused, "detail"), "'felhom-agent verify --repair-nonce-store nonces'"));

    const auto repaired = run_in(operators.files, agent_path + " verify --repair-nonce-store nonces");
    CHECK(repaired.status == 0);
    CHECK(has(repaired.out, "nonces was made anew: 0 nonces are kept, and every operation that expires up to "));
    const auto replayed = operators.verify("--bundle bundle --nonce-store nonces");
    CHECK(replayed.status == 5);
    CHECK(word(replayed, "error") == "replay");
    CHECK(has(word(replayed, "detail"), "sign it anew with a later expiry"));
    CHECK(run_in(operators.files, agent_path + " verify --repair-nonce-store nonces").status == 78);
}

TEST_CASE("a damaged nonce store is refused with the way out, and the damaged file is kept")
{
    const auto operators = desk{};
    REQUIRE(operators.verify("--bundle bundle --nonce-store nonces").status == 0);
    auto bytes = operators.files.read("nonces");
    bytes[10] = 'X';
    operators.files.write("nonces", bytes);
    const auto refused = operators.verify("--bundle bundle --nonce-store nonces");
    CHECK(refused.status == 5);
    CHECK(word(refused, "error") == "store");
    CHECK(has(word(refused, "detail"), "nonces is damaged at byte 0"));
    CHECK(run_in(operators.files, agent_path + " verify --json --repair-nonce-store nonces").status == 0);
    CHECK(operators.files.read("nonces.damaged") == bytes);
    CHECK(word(operators.verify("--bundle bundle --nonce-store nonces"), "error") == "replay");
}

TEST_CASE("what opening a nonce store cut off is told, and up to which expiry all is refused")
{
    const auto operators = desk{};
    REQUIRE(operators.verify("--bundle bundle --nonce-store nonces").status == 0);
    auto bytes = operators.files.read("nonces");
    const auto end = bytes.find_last_not_of('\0');
    bytes[end - 30] = static_cast<char>(bytes[end - 30] ^ 1);
    operators.files.write("nonces", bytes);
    const auto said = operators.verify("--bundle bundle --nonce-store nonces");
    CHECK(said.status == 5);
    CHECK(word(said, "error") == "replay");
    CHECK(has(said.err, "warning: the end of the nonce store, "));
    const auto cut = boost::json::parse(said.out).at("nonce_store");
    CHECK(has(said.err, "every operation that expires up to "
                            + std::string{std::string_view{cut.at("refused_until").as_string()}}));
    CHECK(cut.at("cut_bytes").as_int64() > 100);
    CHECK(operators.verify("--bundle bundle --nonce-store nonces").err.empty());
}

TEST_CASE("a batch is read from a file or from standard input, and its lines share the store")
{
    const auto operators = desk{};
    REQUIRE(run_in(operators.files,
                   sign + " guest stop --host host-a --guest 7000 --key key --blob-out b --signature-out s")
                .status
            == 0);
    operators.files.write("lines", "{\"name\":\"one\",\"blob\":\"b\",\"signature\":\"s\"}\nnonsense\n"
                                   "{\"name\":\"two\",\"blob\":\"b\",\"signature\":\"s\"}\n");
    for (const auto* const source : {"--batch lines", "--batch - <lines"}) {
        const auto said = run_in(
            operators.files, "rm -f nonces nonces.lock nonces.used; " + agent_path
                                 + " verify --signers signers.json --host-id host-a --nonce-store nonces " + source);
        CHECK(said.status == 0);
        auto in = std::istringstream{said.out};
        auto words = std::string{};
        for (auto line = std::string{}; std::getline(in, line);) {
            const auto result = boost::json::parse(line);
            words +=
                result.at("ok").as_bool() ? " ok" : " " + std::string{std::string_view{result.at("error").as_string()}};
        }
        CHECK(words == " ok bad_request replay");
    }
    CHECK(operators.verify("--batch nowhere").status == 64);
}

TEST_CASE("config check loads the keys of the signers")
{
    const auto files = private_directory{};
    const auto check = [&](const std::string& key) {
        files.write("config.json",
                    R"({"hub":{"url":"https://hub.example","host_id":"h","api_key":"k"},"authz":{"signers":[
            {"authorized_key":")"
                        + key + R"(","tag":"operational","key_id":"op-1"}]}})");
        return run_in(files, "FELHOM_AGENT_CONFIG=$PWD/config.json " + agent_path + " config check");
    };
    const auto good =
        check("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAhqYyyihyPCidSdW/y9z25/DMpmiI6mji/QAWEJmoPv operator");
    CHECK_FALSE(has(good.out, "authz.signers"));
    const auto bad = check("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    CHECK(bad.status == 78);
    CHECK(has(bad.out, "authz.signers[0].authorized_key"));
    CHECK(has(bad.out, "a reduced point that is not of small order"));
    const auto published =
        check("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea operator");
    CHECK(published.status == 78);
    CHECK(has(published.out, "a key of RFC 8032, section 7, whose private half is published"));
}
