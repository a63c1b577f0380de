// SPDX-License-Identifier: Apache-2.0
#include "agent/verify/verify_command.hpp"
#include "authz/support/ssh_keygen.hpp"
#include "authz/support/test_key.hpp"
#include "authz/support/vectors.hpp"
#include "support/catch.hpp"
#include "support/store_in_memory.hpp"

#include <felhom/authz/operation/bundle.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <memory>
#include <sstream>
#include <string>
#include <utility>

namespace verify_command_tests {

using namespace felhom;
using namespace felhom::agent;
using authz::vectors::file;
using authz::vectors::text;

namespace {

auto data(const std::string& path) -> std::string
{
    return std::string{FELHOM_DATA} + "/sshsig/" + path;
}

/// What happened to the nonce stores of a world.
struct store_history {
    std::map<std::string, tests::store_in_memory> stores;
    std::vector<std::pair<instant, std::chrono::milliseconds>> prunings;
    std::vector<std::pair<std::string, instant>> repairs;
    std::optional<nonce_store_loss> loss;
    bool pruning_fails = false;
};

const auto noon = *parse_instant("2026-06-01T12:00:00Z");

/// A world whose clock stands still, whose files are the real ones and whose nonce stores live in memory.
auto test_world(const std::shared_ptr<store_history>& history = std::make_shared<store_history>()) -> verify_io
{
    return {
        .now = [] { return noon; },
        .read_file = [](const std::string& path, std::size_t most) -> tl::expected<std::string, std::string> {
            auto in = std::ifstream{path, std::ios::binary};
            if (!in) {
                return tl::unexpected(std::string{"cannot read " + path});
            }
            auto all = std::string{std::istreambuf_iterator<char>{in}, {}};
            return all.substr(0, most + 1);
        },
        .open_nonce_store = [history](const std::string& path) -> tl::expected<nonce_store, std::string> {
            if (path == "unwritable") {
                return tl::unexpected(std::string{"read-only file system"});
            }
            return nonce_store{
                .claim = [history, path](authz::timely&& op) { return history->stores[path].claim(std::move(op)); },
                .prune = [history](instant now, std::chrono::milliseconds skew) -> tl::expected<void, std::string> {
                    history->prunings.emplace_back(now, skew);
                    return history->pruning_fails ? tl::unexpected(std::string{"no space left on device"})
                                                  : tl::expected<void, std::string>{};
                },
                .loss = history->loss,
            };
        },
        .repair_nonce_store = [history](const std::string& path,
                                        instant horizon) -> tl::expected<repaired_store, std::string> {
            if (path == "intact") {
                return tl::unexpected(std::string{"intact: there is nothing to repair"});
            }
            history->repairs.emplace_back(path, horizon);
            return repaired_store{.nonces = 2, .refused_until = horizon, .aside = path + ".damaged"};
        },
    };
}

auto options_for(const std::string& name) -> verify_options
{
    const auto manifest = authz::vectors::json("manifest.json");
    for (const auto& one : manifest.at("cases").as_array()) {
        if (text(one, "name") == name) {
            return {.signers = data("signers/" + text(one, "signers") + ".json"),
                    .host_id = text(one, "host_id"),
                    .blob = data(text(one, "blob")),
                    .signature = data(text(one, "sig")),
                    .at = text(one, "now"),
                    .json = true};
        }
    }
    FAIL(name);
    return {};
}

struct answer {
    verify_exit status;
    std::string out;
    std::string err;
};

auto run(const verify_options& options, const verify_io& world = test_world(), const std::string& input = {}) -> answer
{
    auto in = std::istringstream{input};
    auto out = std::ostringstream{};
    auto err = std::ostringstream{};
    const auto status = run_verify(options, world, in, out, err);
    return {status, out.str(), err.str()};
}

auto lines(const std::string& out) -> std::vector<boost::json::value>
{
    auto all = std::vector<boost::json::value>{};
    auto in = std::istringstream{out};
    for (auto line = std::string{}; std::getline(in, line);) {
        all.push_back(boost::json::parse(line));
    }
    return all;
}

} // namespace

TEST_CASE("verify prints the operation and its configured signer, and exits 0")
{
    const auto made = run(options_for("op-key-id-other"));
    CHECK(made.status == verify_exit::accepted);
    CHECK(boost::json::parse(made.out)
          == boost::json::parse(
              R"({"ok":true,"op":"guest.destroy","host_id":"host-a","guest_id":"101","key_id":"op-1",
              "tag":"operational","signer":"SHA256:)"
              + authz::fingerprint((*authz::vectors::listed("all")).all().front()->blob(), authz::digests::fetch())
                    .substr(7)
              + R"(","replay_checked":false,"params":{"force":true,"purge":["disk0","disk1"]},
              "nonce":"4cfb2e2216739ca9cfd8eade9870bfe5","not_before":"2026-06-01T11:55:00Z",
              "expires_at":"2026-06-01T12:05:00Z"})"));
}

TEST_CASE("verify prints the code, the stage and the reason of a refusal, and exits 5")
{
    const auto made = run(options_for("op-target-other"));
    CHECK(made.status == verify_exit::refused);
    CHECK(boost::json::parse(made.out) == boost::json::parse(R"({"ok":false,"error":"target","stage":"target",
              "detail":"meant for host \"host-b\", and this is \"host-a\""})"));
}

TEST_CASE("verify says to people that replay was not checked")
{
    auto options = options_for("pos-op-ed25519-sha256");
    options.json = false;
    CHECK(run(options).out.find("replay  NOT checked") != std::string::npos);
    options.nonce_store = "somewhere";
    CHECK(run(options).out.find("replay  checked") != std::string::npos);
}

TEST_CASE("with a nonce store an operation is accepted once")
{
    auto options = options_for("pos-op-ed25519-sha256");
    options.nonce_store = "somewhere";
    const auto world = test_world();
    CHECK(run(options, world).status == verify_exit::accepted);
    const auto again = run(options, world);
    CHECK(again.status == verify_exit::refused);
    CHECK(boost::json::parse(again.out).at("error") == "replay");
}

TEST_CASE("a nonce store that cannot be opened refuses the operation")
{
    auto options = options_for("pos-op-ed25519-sha256");
    options.nonce_store = "unwritable";
    const auto made = run(options);
    CHECK(made.status == verify_exit::refused);
    CHECK(boost::json::parse(made.out).at("error") == "store");
    CHECK(boost::json::parse(made.out).at("stage") == "nonce");
}

TEST_CASE("signers that are refused are an error of the configuration, exit 78")
{
    const auto made = run(options_for("key-rsa-1024-listed"));
    CHECK(made.status == verify_exit::configuration);
    CHECK(boost::json::parse(made.out).at("error") == "config_refused");
}

TEST_CASE("a file that is not there and a time, a skew or a host id that is none exit 64")
{
    const auto good = options_for("pos-op-ed25519-sha256");
    const auto with = [&](auto change) {
        auto options = good;
        change(options);
        return run(options).status;
    };
    CHECK(with([](verify_options& o) { o.blob = "/nonexistent"; }) == verify_exit::usage);
    CHECK(with([](verify_options& o) { o.at = "today"; }) == verify_exit::usage);
    CHECK(with([](verify_options& o) { o.host_id = "höst"; }) == verify_exit::usage);
    for (const auto* skew : {"", "30", "-1s", "30 s", "30h", "9999999999s", "87000s", "1d"}) {
        CHECK(with([&](verify_options& o) { o.skew = skew; }) == verify_exit::usage);
    }
    for (const auto* skew : {"0s", "500ms", "30m", "24h", "86400s"}) {
        CHECK(with([&](verify_options& o) { o.skew = skew; }) == verify_exit::accepted);
    }
    CHECK(with([&](verify_options& o) { o.max_window = "169h"; }) == verify_exit::usage);
}

TEST_CASE("what the command line lacks is named, all of it")
{
    const auto lacking = [](verify_options options) {
        options.json = true;
        const auto made = run(options);
        CHECK(made.status == verify_exit::usage);
        return text(boost::json::parse(made.out), "detail");
    };
    CHECK(lacking({}) == "missing: --signers FILE, --host-id H, --bundle FILE (or --blob FILE and --signature FILE)");
    CHECK(lacking({.signers = "s", .host_id = "h", .blob = "b"}) == "missing: --signature FILE");
    CHECK(lacking({.signers = "s", .signature = "s"}) == "missing: --host-id H, --blob FILE");
    CHECK(lacking({.host_id = "h", .bundle = "b"}) == "missing: --signers FILE");
}

TEST_CASE("a window longer than --max-window is malformed")
{
    auto options = options_for("pos-op-ed25519-sha256");
    options.max_window = "599s"; // the operation has ten minutes
    const auto made = run(options);
    CHECK(made.status == verify_exit::refused);
    CHECK(boost::json::parse(made.out).at("error") == "malformed");
    options.max_window = "600s";
    CHECK(run(options).status == verify_exit::accepted);
}

TEST_CASE("a bundle holds the operation and its signature in one file")
{
    const auto apart = options_for("pos-op-ed25519-sha256");
    const auto folder = authz::scratch_folder{};
    const auto bundle = authz::write_bundle(
        {.blob = *test_world().read_file(apart.blob, 9999), .armor = *test_world().read_file(apart.signature, 9999)});
    REQUIRE(bundle.has_value());
    auto options = verify_options{.signers = apart.signers,
                                  .host_id = apart.host_id,
                                  .bundle = folder.write("bundle", *bundle),
                                  .at = apart.at,
                                  .json = true};
    CHECK(run(options).out == run(apart).out);
    options.bundle = folder.write("other", R"({"operation":"{}"})");
    CHECK(run(options).status == verify_exit::usage);
    options.blob = apart.blob;
    CHECK(run(options).status == verify_exit::usage);
}

TEST_CASE("numbers in the parameters are printed as they were signed")
{
    const auto folder = authz::scratch_folder{};
    const auto key = authz::test_key{authz::key_kind::ed25519};
    const auto blob =
        std::string{R"({"v":1,"op":"x","host_id":"host-a","guest_id":"101","params":)"
                    R"({"a":1.5,"b":1e21,"c":9007199254740993,"d":18446744073709551615,"e":1.3927926388013963e-143},)"
                    R"("nonce":"00112233445566778899aabbccddeeff","not_before":"2026-06-01T12:00:00Z",)"
                    R"("expires_at":"2026-06-01T12:05:00Z","key_id":""})"};
    const auto signers = R"([{"authorized_key":")" + key.line() + R"(","tag":"recovery","key_id":"k"}])";
    auto options = verify_options{.signers = folder.write("signers", signers),
                                  .host_id = "host-a",
                                  .blob = folder.write("blob", blob),
                                  .signature = folder.write("sig", authz::sign_message(key, blob)),
                                  .json = true};
    static constexpr auto shown =
        R"({"a":1.5,"b":1e+21,"c":9007199254740993,"d":18446744073709551615,"e":1.3927926388013963e-143})";
    CHECK(run(options).out.find(shown) != std::string::npos);
    options.json = false;
    CHECK(run(options).out.find(shown) != std::string::npos);
}

TEST_CASE("a batch gives every vector its expected verdict, in the order of its lines")
{
    const auto manifest = authz::vectors::json("manifest.json");
    auto input = std::string{};
    for (const auto& one : manifest.at("cases").as_array()) {
        auto line = boost::json::object{{"name", one.at("name")},
                                        {"signers", data("signers/" + text(one, "signers") + ".json")},
                                        {"host_id", one.at("host_id")},
                                        {"at", one.at("now")},
                                        {"skew_s", one.at("skew_s")}};
        const auto as_base64 = input.size() % 2 == 0;
        line[as_base64 ? "blob_b64" : "blob"] =
            as_base64 ? authz::encode_base64(file(text(one, "blob"))) : data(text(one, "blob"));
        line[as_base64 ? "signature_b64" : "signature"] =
            as_base64 ? authz::encode_base64(file(text(one, "sig"))) : data(text(one, "sig"));
        input += boost::json::serialize(line) + "\n";
    }
    const auto made = run({.batch = "-"}, test_world(), input);
    const auto results = lines(made.out);
    CHECK(made.status == verify_exit::accepted);
    REQUIRE(results.size() == 140);
    for (auto at = std::size_t{0}; at < results.size(); ++at) {
        const auto& expected = manifest.at("cases").at(at);
        INFO(text(expected, "name"));
        CHECK(results[at].at("name") == expected.at("name"));
        const auto refused_config = text(expected, "signers") == "with-rsa1024";
        CHECK((results[at].at("ok").as_bool() ? "ok" : authz::vectors::word(text(results[at], "error")))
              == (refused_config ? "ConfigRefused" : text(expected, "expected")));
    }
}

TEST_CASE("a bad line of a batch is a result of its own, and the lines after it are judged")
{
    const auto good = options_for("pos-op-ed25519-sha256");
    const auto line = boost::json::serialize(
        boost::json::object{{"name", "good"}, {"blob", good.blob}, {"signature", good.signature}});
    auto options = verify_options{.signers = good.signers, .host_id = "host-a", .at = good.at, .batch = "-"};
    const auto results =
        lines(run(options, test_world(),
                  line + "\nnonsense\n\n[]\n{\"name\":\"none\"}\n{\"name\":7,\"blob\":1}\n" + line + "\n")
                  .out);
    REQUIRE(results.size() == 7);
    CHECK(results[0].at("ok") == true);
    for (const auto at : {1, 2, 3, 4, 5}) {
        CHECK(results[static_cast<std::size_t>(at)].at("error") == "bad_request");
    }
    CHECK(results[4].at("name") == "none");
    CHECK(results[6].at("ok") == true);
}

TEST_CASE("the nonce store of a batch's lines is one and the same, and --nonce-store is that of lines that name none")
{
    const auto good = options_for("pos-op-ed25519-sha256");
    auto line = boost::json::object{
        {"name", 1}, {"blob", good.blob}, {"signature", good.signature}, {"nonce_store", "somewhere"}};
    auto options = verify_options{.signers = good.signers, .host_id = "host-a", .at = good.at, .batch = "-"};
    const auto twice = [&](const boost::json::object& first, const boost::json::object& second) {
        const auto results = lines(
            run(options, test_world(), boost::json::serialize(first) + "\n" + boost::json::serialize(second)).out);
        REQUIRE(results.size() == 2);
        CHECK(results[0].at("ok") == true);
        return results[1];
    };
    CHECK(twice(line, line).at("error") == "replay");
    auto without = line;
    without.erase("nonce_store");
    auto with_null = line;
    with_null["nonce_store"] = nullptr;
    CHECK(twice(line, without).at("replay_checked") == false);
    options.nonce_store = "somewhere";
    CHECK(twice(line, without).at("error") == "replay");
    CHECK(twice(with_null, line).at("error") == "replay");
    options.nonce_store = "elsewhere";
    CHECK(twice(line, without).at("replay_checked") == true);
}

TEST_CASE("a batch and a single operation on one command line are an error, exit 64")
{
    for (auto options : {verify_options{.blob = "b", .batch = "-"}, verify_options{.signature = "s", .batch = "-"},
                         verify_options{.bundle = "f", .batch = "-"}}) {
        const auto made = run(options, test_world(), "{}\n");
        CHECK(made.status == verify_exit::usage);
        CHECK(made.out.empty());
        CHECK(made.err.find("--batch has many") != std::string::npos);
    }
}

TEST_CASE("a member that no line of a batch has is an error of that line, with what was probably meant")
{
    const auto good = options_for("pos-op-ed25519-sha256");
    const auto options = verify_options{.signers = good.signers, .host_id = "host-a", .at = good.at, .batch = "-"};
    const auto detail = [&](const char* member) {
        const auto line = boost::json::object{{"blob", good.blob}, {"signature", good.signature}, {member, "x"}};
        const auto results = lines(run(options, test_world(), boost::json::serialize(line)).out);
        REQUIRE(results.size() == 1);
        CHECK(results[0].at("error") == "bad_request");
        return text(results[0], "detail");
    };
    CHECK(detail("nonce_stor") == "$.nonce_stor: no such member; did you mean \"nonce_store\"?");
    CHECK(detail("skew") == "$.skew: no such member; did you mean \"skew_s\"?");
    CHECK(detail("colour of the sky") == "$.colour of the sky: no such member");
}

TEST_CASE("null on a line of a batch is as absent")
{
    const auto good = options_for("pos-op-ed25519-sha256");
    const auto options = verify_options{.signers = good.signers, .host_id = "host-a", .at = good.at, .batch = "-"};
    const auto line = boost::json::object{
        {"name", "n"},           {"signers", nullptr}, {"host_id", nullptr},          {"at", nullptr},
        {"skew_s", nullptr},     {"blob", good.blob},  {"signature", good.signature}, {"blob_b64", nullptr},
        {"nonce_store", nullptr}};
    const auto results = lines(run(options, test_world(), boost::json::serialize(line)).out);
    REQUIRE(results.size() == 1);
    CHECK(results[0].at("ok") == true);
}

TEST_CASE("each result of a batch is one line of ASCII, whatever is in its name")
{
    const auto options = verify_options{.signers = "/nonexistent", .host_id = "h", .batch = "-"};
    const auto made = run(options, test_world(), "{\"name\":\"a\xe2\x80\xa8\xc2\x85\xf0\x9f\x98\x80\x7f\u0085\"}\n");
    CHECK(made.out.starts_with(R"({"name":"a\u2028\u0085\ud83d\ude00\u007f\u0085","ok":false,)"));
    CHECK(made.out.find('\n') == made.out.size() - 1);
}

TEST_CASE("a store that lost its end says so, on standard error and in the JSON")
{
    const auto history = std::make_shared<store_history>();
    auto options = options_for("pos-op-ed25519-sha256");
    options.nonce_store = "somewhere";
    history->loss =
        nonce_store_loss{.cut = {.offset = 100, .bytes = 7, .reason = "a line is not a record"}, .refused_until = noon};
    const auto made = run(options, test_world(history));
    CHECK(boost::json::parse(made.out).at("nonce_store")
          == boost::json::parse(R"({"cut_at":100,"cut_bytes":7,"reason":"a line is not a record",
                                    "refused_until":"2026-06-01T12:00:00Z"})"));
    CHECK(made.err
          == "warning: the end of the nonce store, 7 bytes from byte 100 on, was no whole record (a line is not a "
             "record) and was cut off; every operation that expires up to 2026-06-01T12:00:00Z is refused, since it "
             "may have been recorded there\n");
    history->loss->refused_until = std::nullopt;
    CHECK(boost::json::parse(run(options, test_world(history)).out).at("nonce_store").at("refused_until").is_null());
    history->loss = std::nullopt;
    const auto whole = run(options, test_world(history));
    CHECK(whole.err.empty());
    CHECK_FALSE(boost::json::parse(whole.out).as_object().contains("nonce_store"));
}

TEST_CASE("a store is pruned when it is opened and after a claim, by the clock and never by --at")
{
    const auto history = std::make_shared<store_history>();
    auto options = options_for("pos-op-ed25519-sha256");
    options.nonce_store = "somewhere";
    options.at = "2026-06-01T12:04:00Z";
    options.skew = "10s";
    CHECK(run(options, test_world(history)).status == verify_exit::accepted);
    const auto once = std::pair{noon, std::chrono::milliseconds{10'000}};
    CHECK(history->prunings == std::vector{once, once});
    CHECK(run(options, test_world(history)).status == verify_exit::refused);
    CHECK(history->prunings == std::vector{once, once, once});
}

TEST_CASE("a store that cannot be pruned is a warning, and the verdict stands")
{
    const auto history = std::make_shared<store_history>();
    history->pruning_fails = true;
    auto options = options_for("pos-op-ed25519-sha256");
    options.nonce_store = "somewhere";
    const auto made = run(options, test_world(history));
    CHECK(made.status == verify_exit::accepted);
    CHECK(made.err.starts_with("warning: the nonce store could not be pruned: no space left on device\n"));
}

TEST_CASE("repairing a store refuses all that may have been accepted until now")
{
    const auto history = std::make_shared<store_history>();
    const auto made =
        run({.skew = "1m", .max_window = "2h", .json = true, .repair_nonce_store = "store"}, test_world(history));
    CHECK(made.status == verify_exit::accepted);
    CHECK(history->repairs == std::vector{std::pair{std::string{"store"}, *parse_instant("2026-06-01T14:01:00Z")}});
    CHECK(boost::json::parse(made.out)
          == boost::json::parse(
              R"({"ok":true,"nonces":2,"refused_until":"2026-06-01T14:01:00Z","aside":"store.damaged"})"));
    CHECK(run({.repair_nonce_store = "store"}).out
          == "store was made anew: 2 nonces are kept, and every operation that expires up to 2026-06-02T12:00:30Z is "
             "refused\nthe damaged file is store.damaged\n");
}

TEST_CASE("a store that is not to be repaired exits 78, and an option that has no part in it 64")
{
    const auto intact = run({.repair_nonce_store = "intact"});
    CHECK(intact.status == verify_exit::configuration);
    CHECK(intact.err == "error: intact: there is nothing to repair\n");
    CHECK(boost::json::parse(run({.json = true, .repair_nonce_store = "intact"}).out).at("error") == "store");
    for (auto options : {verify_options{.at = "2026-06-01T12:00:00Z"}, verify_options{.batch = "-"},
                         verify_options{.blob = "b"}, verify_options{.skew = "soon"}}) {
        options.repair_nonce_store = "store";
        CHECK(run(options).status == verify_exit::usage);
    }
}

} // namespace verify_command_tests
