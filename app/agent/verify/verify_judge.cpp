// SPDX-License-Identifier: Apache-2.0
#include "agent/verify/verify_judge.hpp"

#include <felhom/authz/keys/fingerprint.hpp>
#include <felhom/authz/signers/signers_json.hpp>

#include <cstddef>
#include <utility>

namespace felhom::agent {

namespace {

constexpr auto most_signers_bytes = std::size_t{1} << 20U;

template <typename Passed>
auto accepted(const Passed& op, bool replay_checked) -> accepted_operation
{
    return {.what = op.what(),
            .key_id = op.by().key_id(),
            .tag = op.by().tag(),
            .signer = authz::fingerprint(op.by().blob(), op.by().key().hashes()),
            .replay_checked = replay_checked};
}

} // namespace

auto verify_judge::judge(const verify_request& request) -> judgement
{
    const auto& listed = signers_at(request.signers);
    if (!listed) {
        return {.outcome = listed.error()};
    }
    auto verified = authz::verify({.armor = request.armor, .blob = request.blob}, **listed, request.here, request.now,
                                  request.policy);
    if (!verified) {
        return {.outcome = std::move(verified).error()};
    }
    if (!request.nonce_store) {
        return {.outcome = accepted(*verified, /*replay_checked=*/false)};
    }
    return claim(*std::move(verified), *request.nonce_store, request);
}

auto verify_judge::load(const std::string& path) const -> loaded_signers
{
    return effects_->read_file(path, most_signers_bytes)
        .and_then([](const std::string& text) {
            return authz::parse_signers_file(text).map_error([](const auto& e) { return authz::describe(e); });
        })
        .map([](authz::signers all) { return std::make_shared<const authz::signers>(std::move(all)); })
        .map_error([&](const std::string& why) { return config_refused{path + ": " + why}; });
}

auto verify_judge::signers_at(const std::string& path) -> const loaded_signers&
{
    const auto found = signers_.find(path);
    return found != signers_.end() ? found->second : signers_.emplace(path, load(path)).first->second;
}

// A store that cannot be opened refuses the operation as one that was seen.
auto verify_judge::open(const std::string& path) const -> opened_store
{
    return effects_->open_nonce_store(path).map_error(
        [](std::string why) -> authz::error { return authz::claim_not_recorded{std::move(why)}; });
}

auto verify_judge::claim(authz::timely&& op, const std::string& path, const verify_request& request) -> judgement
{
    const auto known = stores_.find(path);
    const auto& store = known != stores_.end() ? known->second : stores_.emplace(path, open(path)).first->second;
    if (!store) {
        return {.outcome = store.error()};
    }
    auto notes = judgement{.outcome = bad_request{}};
    if (known == stores_.end()) {
        notes.loss = store->loss;
        prune(*store, request, notes);
    }
    const auto claimed = store->claim(std::move(op));
    notes.outcome = claimed ? verify_outcome{accepted(*claimed, /*replay_checked=*/true)} : claimed.error();
    if (claimed) {
        prune(*store, request, notes);
    }
    return notes;
}

// By the clock, whatever time the operation is verified at: a horizon cannot be taken back.
void verify_judge::prune(const nonce_store& store, const verify_request& request, judgement& judged) const
{
    if (auto pruned = store.prune(effects_->now(), request.policy.tolerated()); !pruned) {
        judged.warnings.push_back("the nonce store could not be pruned: " + std::move(pruned).error());
    }
}

} // namespace felhom::agent
