// SPDX-License-Identifier: Apache-2.0
#include "agent/verify/verify_report.hpp"

#include <felhom/authz/error.hpp>
#include <felhom/core/instant.hpp>
#include <felhom/core/json/writer.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/core/printable.hpp>

#include <ostream>
#include <string_view>

namespace felhom::agent {

namespace {

auto refusal(std::string_view error, std::string_view stage, std::string_view detail) -> boost::json::object
{
    return {{"ok", false}, {"error", error}, {"stage", stage}, {"detail", detail}};
}

auto shown(const accepted_operation& accepted) -> boost::json::object
{
    const auto& what = accepted.what;
    auto object = boost::json::object{{"ok", true},
                                      {"op", what.op},
                                      {"host_id", what.host_id},
                                      {"guest_id", what.guest_id.text()},
                                      {"key_id", accepted.key_id},
                                      {"tag", authz::name(accepted.tag)},
                                      {"signer", accepted.signer},
                                      {"replay_checked", accepted.replay_checked},
                                      {"params", what.params},
                                      {"nonce", what.nonce.text()},
                                      {"not_before", to_rfc3339(what.not_before)},
                                      {"expires_at", to_rfc3339(what.expires_at)}};
    if (what.expected_digest) {
        object["expect"] = boost::json::object{{"digest", *what.expected_digest}};
    }
    return object;
}

auto shown(const verify_outcome& outcome) -> boost::json::object
{
    return std::visit(overloaded{
                          [](const accepted_operation& a) { return shown(a); },
                          [](const authz::error& e) {
                              return refusal(authz::code(e), authz::name(authz::stage_of(e)), authz::describe(e));
                          },
                          [](const config_refused& c) { return refusal("config_refused", "signers", c.detail); },
                          [](const bad_request& b) { return refusal("bad_request", "request", b.detail); },
                      },
                      outcome);
}

auto shown(const std::optional<instant>& time) -> boost::json::value
{
    return time ? boost::json::value(to_rfc3339(*time)) : boost::json::value(nullptr);
}

auto shown(const std::optional<std::string>& text) -> boost::json::value
{
    return text ? boost::json::value(*text) : boost::json::value(nullptr);
}

void print(const accepted_operation& accepted, std::ostream& out)
{
    const auto& what = accepted.what;
    out << "accepted: " << what.op << " of guest " << what.guest_id.text() << " on host " << what.host_id << '\n'
        << "  signer  " << printable(accepted.key_id) << " (" << authz::name(accepted.tag) << ", " << accepted.signer
        << ")\n"
        << "  window  " << to_rfc3339(what.not_before) << " to " << to_rfc3339(what.expires_at) << '\n'
        << "  nonce   " << what.nonce.text() << '\n'
        << "  params  " << print_json(what.params, json_escape::ascii) << '\n';
    if (what.expected_digest) {
        out << "  expects digest " << *what.expected_digest << '\n';
    }
    out << (accepted.replay_checked ? "  replay  checked, and the nonce is recorded\n"
                                    : "  replay  NOT checked: no nonce store was given\n");
}

} // namespace

auto to_json(const judgement& judged) -> boost::json::object
{
    auto object = shown(judged.outcome);
    if (const auto& loss = judged.loss) {
        object["nonce_store"] = boost::json::object{{"cut_at", loss->cut.offset},
                                                    {"cut_bytes", loss->cut.bytes},
                                                    {"reason", loss->cut.reason},
                                                    {"refused_until", shown(loss->refused_until)}};
    }
    return object;
}

auto to_json(const tl::expected<repaired_store, std::string>& repaired) -> boost::json::object
{
    if (!repaired) {
        return refusal("store", "nonce", repaired.error());
    }
    return {{"ok", true},
            {"nonces", repaired->nonces},
            {"refused_until", to_rfc3339(repaired->refused_until)},
            {"aside", shown(repaired->aside)}};
}

void print(const verify_outcome& outcome, std::ostream& out)
{
    if (const auto* const accepted = std::get_if<accepted_operation>(&outcome)) {
        print(*accepted, out);
        return;
    }
    const auto refused = shown(outcome);
    const auto text = [&](std::string_view key) {
        const auto* const value = refused.if_contains(key);
        return value == nullptr ? std::string_view{} : std::string_view{*value->if_string()};
    };
    out << "refused: " << text("error") << " at " << text("stage") << ": " << text("detail") << '\n';
}

void print(const repaired_store& repaired, const std::string& path, std::ostream& out)
{
    out << path << " was made anew: " << repaired.nonces << " nonces are kept, and every operation that expires up to "
        << to_rfc3339(repaired.refused_until) << " is refused\n";
    if (const auto& aside = repaired.aside) {
        out << "the damaged file is " << *aside << '\n';
    }
}

auto notes_of(const judgement& judged) -> std::vector<std::string>
{
    auto notes = judged.warnings;
    if (const auto& loss = judged.loss) {
        notes.push_back(
            "the end of the nonce store, " + std::to_string(loss->cut.bytes) + " bytes from byte "
            + std::to_string(loss->cut.offset) + " on, was no whole record (" + loss->cut.reason + ") and was cut off; "
            + (loss->refused_until ? "every operation that expires up to " + to_rfc3339(*loss->refused_until)
                                         + " is refused, since it may have been recorded there"
                                   : std::string{"nothing was ever accepted before it"}));
    }
    return notes;
}

} // namespace felhom::agent
