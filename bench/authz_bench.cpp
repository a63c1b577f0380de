// SPDX-License-Identifier: Apache-2.0
// A whole verification, stages 1 to 8, beside the bare EVP_DigestVerify of the same key over the same signed bytes, in
// turns: the ratio is the median of many. Allocations are those of one verification, ours and OpenSSL's own.
#include "authz/support/test_key.hpp"
#include "counted_allocations.hpp"
#include "measure.hpp"

#include <felhom/authz/operation/write_operation.hpp>
#include <felhom/authz/pipeline.hpp>

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <utility>

namespace {

using namespace felhom;        // NOLINT(google-build-using-namespace): a benchmark program
using namespace felhom::authz; // NOLINT(google-build-using-namespace): a benchmark program

const auto noon = instant{std::chrono::seconds{1'780'315'200}};

struct submitted {
    std::string blob;
    std::string armor;
    std::string message; ///< what the key itself signed
    std::string body;    ///< the signature over it, as OpenSSL takes it
};

/// As an operator signs it.
auto submit(const test_key& key) -> submitted
{
    auto blob =
        *write_operation({.op = "guest.destroy",
                          .host_id = "host-0001",
                          .guest_id = *vmid::parse("101"),
                          .params = {{"purge", true}, {"stop", true}},
                          .nonce = *nonce::parse("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"),
                          .not_before = noon,
                          .expires_at = noon + std::chrono::minutes{15},
                          .key_id = "operator-2026",
                          .expected_digest = "0123456789abcdef0123456789abcdef01234567"});
    auto armor = sign_message(key, blob);
    return {.blob = std::move(blob), .armor = std::move(armor), .message = {}, .body = {}};
}

/// The arguments of the bare call, dug out of the signature by our own readers.
auto dig_out(submitted& from, const verifying_key& key)
{
    const auto bytes = *decode_armor(from.armor);
    const auto frame = *parse_envelope({bytes.data(), bytes.size()});
    const auto signature = *parse_signature(key, frame.signature);
    from.message = signed_text_of(from.blob);
    if (const auto& application = key.application(); application && signature.token) {
        const auto digest = digest_value::of(key.hashes().sha256(), from.message);
        from.message = std::string{application->bytes()}.append(signature.token->signed_bytes).append(digest.bytes());
    }
    if (authz::detail::is_ecdsa(key.scheme())) {
        const auto der = authz::detail::to_der(signature.r, signature.s);
        from.body.assign(der.begin(), der.end());
    } else {
        from.body = std::string{signature.body};
    }
    return authz::detail::digest_of(key, signature.type);
}

auto verify_bare(const verifying_key& key, const EVP_MD* digest, const submitted& given) -> bool
{
    auto* const context = EVP_MD_CTX_new();
    const auto body = octets(given.body);
    const auto message = octets(given.message);
    const auto good = EVP_DigestVerifyInit(context, nullptr, digest, nullptr, key.handle()) == 1
                      && EVP_DigestVerify(context, body.data(), body.size(), message.data(), message.size()) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

void verify_operation(benchmark::State& state, key_kind kind, unsigned bits)
{
    const auto key = test_key{kind, bits};
    const auto listed =
        *signers::load({{.authorized_key = key.line(), .tag = signer_tag::operational, .key_id = "op-1"}});
    const auto here = *host_id::parse("host-0001");
    auto given = submit(key);
    const auto& configured = listed.all().front()->key();
    const auto* const digest = dig_out(given, configured);
    const auto whole = [&] {
        return verify({.armor = given.armor, .blob = given.blob}, listed, here, noon, {}).has_value();
    };
    const auto bare = [&] { return verify_bare(configured, digest, given); };
    if (!whole() || !bare()) {
        state.SkipWithError("not verified");
        return;
    }
    static constexpr auto turns = 8;
    const auto several = [](const auto& call) {
        return [&call] {
            for (auto turn = 0; turn < turns; ++turn) {
                benchmark::DoNotOptimize(call());
            }
        };
    };
    auto limit = bench::rounds{};
    auto taken = bench::rounds{};
    for (auto _ : state) {
        limit.time(several(bare));
        taken.time(several(whole));
    }
    const auto allocated = [](const auto& call) {
        const auto before = bench::allocations();
        benchmark::DoNotOptimize(call());
        const auto after = bench::allocations();
        return std::pair{static_cast<double>(after.ours - before.ours),
                         static_cast<double>(after.openssl - before.openssl)};
    };
    state.counters["verify/s"] = turns / taken.typical();
    state.counters["bare/s"] = turns / limit.typical();
    state.counters["time/bare"] = limit.speed_beside(taken);
    state.counters["allocations"] = allocated(whole).first;
    state.counters["openssl_allocations"] = allocated(whole).second;
    state.counters["bare_openssl_allocations"] = allocated(bare).second;
}

void register_all()
{
    const auto add = [](const char* name, key_kind kind, unsigned bits = 0) {
        benchmark::RegisterBenchmark((std::string{"verify_operation/"} + name).c_str(), verify_operation, kind, bits)
            ->Unit(benchmark::kMicrosecond);
    };
    add("ed25519", key_kind::ed25519);
    add("sk-ed25519", key_kind::sk_ed25519);
    add("nistp256", key_kind::p256);
    add("sk-nistp256", key_kind::sk_p256);
    add("nistp384", key_kind::p384);
    add("nistp521", key_kind::p521);
    add("rsa2048", key_kind::rsa, 2048);
    add("rsa3072", key_kind::rsa, 3072);
    add("rsa4096", key_kind::rsa, 4096);
}

} // namespace

auto main(int count, char** arguments) -> int
{
    if (!bench::count_openssl()) {
        return EXIT_FAILURE;
    }
    register_all();
    benchmark::Initialize(&count, arguments);
    benchmark::RunSpecifiedBenchmarks();
    return EXIT_SUCCESS;
}
