// SPDX-License-Identifier: Apache-2.0
#include "authz/support/generators.hpp"
#include "authz/support/test_key.hpp"
#include "support/rapidcheck.hpp"
#include "support/store_in_memory.hpp"

#include <felhom/authz/error.hpp>
#include <felhom/authz/operation/canonicalize.hpp>
#include <felhom/authz/pipeline.hpp>

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace felhom;
using namespace felhom::authz;

namespace {

const auto operators_key = test_key{key_kind::ed25519};
const auto here = *host_id::parse("host-a");
const auto noon = *parse_instant("2026-06-01T12:00:00Z");

/// Signers with one key and these limits.
auto listing(const test_key& key, std::optional<std::vector<std::string>> operations = {}, term of_office = {})
    -> signers
{
    return *signers::load({{
        .authorized_key = key.line(),
        .tag = signer_tag::operational,
        .key_id = "op-1",
        .operations = std::move(operations),
        .term = of_office,
    }});
}

auto listed() -> const signers&
{
    static const auto all = listing(operators_key);
    return all;
}

auto verified(const std::string& armor, const std::string& blob, const signers& by = listed())
    -> tl::expected<timely, error>
{
    return verify({.armor = armor, .blob = blob}, by, here, noon, {});
}

auto text_of(const operation& op) -> std::string
{
    const auto text = write_operation(op);
    RC_ASSERT(text.has_value());
    return *text;
}

/// What can be wrong with a submission, in the order in which it is found.
enum class defect {
    blank_in_armor,
    version_of_two,
    reserved_bytes,
    other_namespace,
    byte_after_the_key,
    unlisted_key,
    out_of_term,
    blob_too_large,
    other_message,
    untouched_token,
    unknown_member,
    not_granted,
    other_host,
    window_not_open,
    window_closed,
    nonce_used,
    store_fails,
};

constexpr auto defects = 17;

struct finding {
    std::string_view code;
    stage at;
};

const auto findings = std::map<defect, finding>{
    {defect::blank_in_armor, {"malformed", stage::armor}},
    {defect::version_of_two, {"malformed", stage::armor}},
    {defect::reserved_bytes, {"malformed", stage::armor}},
    {defect::other_namespace, {"namespace", stage::name_space}},
    {defect::byte_after_the_key, {"malformed", stage::public_key}},
    {defect::unlisted_key, {"unknown_signer", stage::allow_list}},
    {defect::out_of_term, {"unknown_signer", stage::allow_list}},
    {defect::blob_too_large, {"malformed", stage::signature}},
    {defect::other_message, {"bad_signature", stage::signature}},
    {defect::untouched_token, {"bad_signature", stage::signature}},
    {defect::unknown_member, {"malformed", stage::operation}},
    {defect::not_granted, {"unknown_signer", stage::operation}},
    {defect::other_host, {"target", stage::target}},
    {defect::window_not_open, {"not_yet_valid", stage::time}},
    {defect::window_closed, {"expired", stage::time}},
    {defect::nonce_used, {"replay", stage::nonce}},
    {defect::store_fails, {"store", stage::nonce}},
};

/// The signer has a token, so that nobody may have touched it.
auto signers_for(const std::set<defect>& wrong) -> const signers&
{
    static const auto past = term{.valid_before = noon};
    static const auto others = std::vector<std::string>{"another.operation"};
    static const auto all = std::array{
        listing(key_of(key_kind::sk_ed25519)), listing(key_of(key_kind::sk_ed25519), others),
        listing(key_of(key_kind::sk_ed25519), {}, past), listing(key_of(key_kind::sk_ed25519), others, past)};
    return all.at((wrong.contains(defect::out_of_term) ? 2U : 0U) + (wrong.contains(defect::not_granted) ? 1U : 0U));
}

struct submitted {
    std::string armor;
    std::string blob;
};

/// A correctly signed operation with some things wrong, and everything else in order.
auto submit(operation op, const std::set<defect>& wrong) -> submitted
{
    const auto is = [&](defect d) { return wrong.contains(d); };
    if (is(defect::other_host)) {
        op.host_id = "host-b";
    }
    if (is(defect::window_closed) || is(defect::window_not_open)) {
        const auto begin = is(defect::window_closed) ? noon - std::chrono::hours{2} : noon + std::chrono::hours{1};
        op.not_before = begin;
        op.expires_at = begin + std::chrono::hours{1};
    }
    if (is(defect::blob_too_large)) {
        op.params["pad"] = std::string(longest_operation, 'x');
    }
    auto blob = text_of(op);
    if (is(defect::unknown_member)) {
        blob.insert(1, R"("unknown":0,)");
    }
    static const auto stranger = test_key{key_kind::sk_ed25519};
    const auto& key = is(defect::unlisted_key) ? stranger : key_of(key_kind::sk_ed25519);
    auto envelope = envelope_for(key, blob, is(defect::other_namespace) ? "git" : "felhom-op-v1", message_hash::sha512,
                                 {.flags = is(defect::untouched_token) ? std::uint8_t{0} : std::uint8_t{1}});
    if (is(defect::other_message)) {
        blob += "\n";
    }
    if (is(defect::byte_after_the_key)) {
        envelope.public_key += '\0';
    }
    if (is(defect::reserved_bytes)) {
        envelope.reserved = "x";
    }
    if (is(defect::version_of_two)) {
        envelope.magic_and_version.back() = '\2';
    }
    auto armor = armor_of(envelope.bytes());
    if (is(defect::blank_in_armor)) {
        armor.insert(40, " ");
    }
    return {std::move(armor), std::move(blob)};
}

/// A window does not open and close at once.
auto can_be_together(const std::set<defect>& wrong) -> bool
{
    return !(wrong.contains(defect::window_closed) && wrong.contains(defect::window_not_open));
}

/// What is found of these defects, or nothing of none: it must be the first one, and nothing may have been recorded.
void check(const operation& op, const std::set<defect>& wrong)
{
    auto store = tests::store_in_memory{};
    const auto claim = [&](timely&& t) { return store.claim(std::move(t)); };
    if (wrong.contains(defect::nonce_used)) {
        const auto first = submit(op, {});
        RC_ASSERT(verified(first.armor, first.blob, signers_for({})).and_then(claim).has_value());
    }
    const auto used_before = store.size();
    if (wrong.contains(defect::store_fails)) {
        store.fail_next_change();
    }
    const auto [armor, blob] = submit(op, wrong);

    const auto made = verified(armor, blob, signers_for(wrong)).and_then(claim);

    if (wrong.empty()) {
        RC_ASSERT(made.has_value());
        RC_ASSERT(made->what() == op);
        RC_ASSERT(store.size() == used_before + 1);
        return;
    }
    const auto& expected = findings.at(*wrong.begin());
    RC_ASSERT(!made.has_value());
    RC_ASSERT(code(made.error()) == expected.code);
    RC_ASSERT(stage_of(made.error()) == expected.at);
    // A nonce that could not be recorded counts as used: what reached the disk is not known.
    const auto burnt = *wrong.begin() == defect::store_fails ? 1U : 0U;
    RC_ASSERT(store.size() == used_before + burnt);
}

auto some_defects() -> std::set<defect>
{
    auto wrong = std::set<defect>{};
    const auto count = *rc::gen::weightedElement<int>({{1, 0}, {2, 1}, {4, 2}, {4, 4}});
    for (auto i = 0; i < count; ++i) {
        // A megabyte a case takes too long; the pairs have it.
        const auto one = static_cast<defect>(*rc::gen::inRange(0, defects));
        if (one != defect::blob_too_large) {
            wrong.insert(one);
        }
    }
    return can_be_together(wrong) ? wrong : std::set<defect>{};
}

} // namespace

TEST_CASE("of any two defects the earlier stage's is the error, and no refusal burns the nonce")
{
    REQUIRE(findings.size() == defects);
    const auto op = operation{.op = "guest.destroy",
                              .host_id = "host-a",
                              .guest_id = *vmid::parse("101"),
                              .params = {},
                              .nonce = *nonce::parse(std::string(32, '1')),
                              .not_before = noon - std::chrono::hours{1},
                              .expires_at = noon + std::chrono::hours{1},
                              .key_id = ""};
    auto pairs = 0;
    for (auto one = 0; one < defects; ++one) {
        for (auto other = one; other < defects; ++other) {
            const auto wrong = std::set{static_cast<defect>(one), static_cast<defect>(other)};
            if (can_be_together(wrong)) {
                INFO(one << " and " << other);
                CHECK_NOTHROW(check(op, wrong));
                ++pairs;
            }
        }
    }
    CHECK(pairs == defects * (defects + 1) / 2 - 1);
}

TEST_CASE("of several defects the earliest stage's is the error, and no refusal burns the nonce")
{
    rc::prop("the set of defects decides", [] { check(*gen::operation(), some_defects()); });
}

TEST_CASE("a blob that says the same in other bytes is not what was signed")
{
    rc::prop("re-serialized blobs fail", [] {
        const auto op = *gen::operation();
        const auto canonical = text_of(op);
        auto spaced = canonical;
        spaced.insert(*rc::gen::element<std::size_t>(1, canonical.size() - 1, canonical.size(), 0), " ");
        RC_ASSERT(canonicalize(spaced, {}) == canonical);

        RC_ASSERT(verified(sign_message(operators_key, spaced), spaced).has_value());
        for (const auto& [signed_text, sent] : {std::pair{canonical, spaced}, std::pair{spaced, canonical}}) {
            const auto made = verified(sign_message(operators_key, signed_text), sent);
            RC_ASSERT(!made.has_value());
            RC_ASSERT(code(made.error()) == "bad_signature");
        }
    });
}

TEST_CASE("a flipped bit, a missing end or a byte more in a signature or its message is refused, for every kind of key")
{
    struct specimen {
        std::string blob;
        std::string envelope;
    };
    static const auto specimens = [] {
        auto all = std::vector<specimen>{};
        for (const auto kind : every_key_kind) {
            auto blob = *write_operation({.op = "guest.destroy",
                                          .host_id = "host-a",
                                          .guest_id = *vmid::parse("101"),
                                          .params = {},
                                          .nonce = *nonce::parse(std::string(32, '1')),
                                          .not_before = noon - std::chrono::hours{1},
                                          .expires_at = noon + std::chrono::hours{1},
                                          .key_id = ""});
            auto envelope = envelope_for(key_of(kind), blob).bytes();
            all.push_back({std::move(blob), std::move(envelope)});
        }
        return all;
    }();
    static const auto all_listed = [] {
        auto settings = std::vector<signer_settings>{};
        for (const auto kind : every_key_kind) {
            settings.push_back({.authorized_key = key_of(kind).line(), .tag = signer_tag::recovery, .key_id = "k"});
        }
        return *signers::load(settings);
    }();
    for (const auto& [blob, envelope] : specimens) {
        REQUIRE(verified(armor_of(envelope), blob, all_listed).has_value());
    }
    rc::prop("every byte counts", [] {
        const auto& [blob, envelope] = specimens[*rc::gen::inRange<std::size_t>(0, specimens.size())];
        const auto spoilt = [](const std::string& whole) {
            auto mutant = whole;
            const auto at = *rc::gen::inRange<std::size_t>(0, whole.size());
            switch (*rc::gen::inRange(0, 4)) {
            case 0:
                mutant[at] = static_cast<char>(mutant[at] ^ (1 << *rc::gen::inRange(0, 8)));
                break;
            case 1:
                mutant.resize(at);
                break;
            case 2:
                mutant.insert(at, 1, *rc::gen::arbitrary<char>());
                break;
            default:
                mutant.erase(at, 1);
                break;
            }
            return mutant;
        };
        const auto mutant = spoilt(envelope);
        if (mutant != envelope) {
            RC_ASSERT(!verified(armor_of(mutant), blob, all_listed).has_value());
        }
        const auto other = spoilt(blob);
        if (other != blob) {
            RC_ASSERT(!verified(armor_of(envelope), other, all_listed).has_value());
        }
    });
}

TEST_CASE("an operation is timely from not_before less the skew until expires_at and the skew")
{
    rc::prop("the window is closed at its begin and open at its end", [] {
        const auto op = *gen::operation();
        const auto blob = text_of(op);
        const auto skew = std::chrono::milliseconds{*rc::gen::element(0, 1, 30'000, 86'400'000)};
        const auto edge = *rc::gen::element(op.not_before - skew, op.expires_at + skew);
        const auto now = edge + std::chrono::milliseconds{*rc::gen::element(-1, 0, 1, -60'000, 60'000)};
        const auto made =
            verify({.armor = sign_message(operators_key, blob), .blob = blob}, listed(), here, now, {.skew = skew});
        if (now < op.not_before - skew) {
            RC_ASSERT(code(made.error()) == "not_yet_valid");
        } else if (now >= op.expires_at + skew) {
            RC_ASSERT(code(made.error()) == "expired");
        } else {
            RC_ASSERT(made.has_value());
            RC_ASSERT(made->remember_until() > now);
        }
    });
}
