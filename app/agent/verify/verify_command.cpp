// SPDX-License-Identifier: Apache-2.0
#include "agent/verify/verify_command.hpp"

#include "agent/verify/verify_judge.hpp"
#include "agent/verify/verify_report.hpp"
#include "agent/verify/verify_request.hpp"

#include <felhom/authz/time_policy.hpp>
#include <felhom/core/json/strict.hpp>
#include <felhom/core/json/writer.hpp>
#include <felhom/core/overloaded.hpp>

#include <fstream>
#include <istream>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace felhom::agent {

namespace {

auto exit_status(const verify_outcome& outcome) -> verify_exit
{
    return std::visit(overloaded{
                          [](const accepted_operation&) { return verify_exit::accepted; },
                          [](const authz::error&) { return verify_exit::refused; },
                          [](const config_refused&) { return verify_exit::configuration; },
                          [](const bad_request&) { return verify_exit::usage; },
                      },
                      outcome);
}

auto judge_of(const tl::expected<verify_request, bad_request>& request, verify_judge& judge) -> judgement
{
    return request ? judge.judge(*request) : judgement{.outcome = request.error()};
}

void print_notes(const judgement& judged, std::ostream& err)
{
    for (const auto& note : notes_of(judged)) {
        err << "warning: " << note << '\n';
    }
}

auto run_one(const verify_options& options, const verify_io& effects, std::ostream& out, std::ostream& err)
    -> verify_exit
{
    auto judge = verify_judge{effects};
    const auto judged = judge_of(read_request(options, effects), judge);
    const auto status = exit_status(judged.outcome);
    print_notes(judged, err);
    if (options.json) {
        out << print_json(to_json(judged), json_escape::ascii) << '\n';
    } else {
        print(judged.outcome, status == verify_exit::usage ? err : out);
    }
    return status;
}

/// The result of one line, with the line's name.
auto run_line(std::string_view line, const verify_options& options, const verify_io& effects, verify_judge& judge,
              std::ostream& err) -> boost::json::object
{
    static constexpr auto limits = json_limits{.bytes = std::size_t{8} << 20U};
    auto result = boost::json::object{{"name", nullptr}};
    const auto merge = [&](const judgement& judged) {
        print_notes(judged, err);
        for (const auto& member : to_json(judged)) {
            result[member.key()] = member.value();
        }
        return result;
    };
    const auto document = parse_strict_json(line, limits);
    if (!document) {
        return merge({.outcome = bad_request{describe(json_error{document.error()})}});
    }
    if (const auto* const object = document->if_object()) {
        if (const auto* const name = object->if_contains("name")) {
            result["name"] = *name;
        }
    }
    return merge(judge_of(read_request(*document, options, effects), judge));
}

void run_lines(const verify_options& options, const verify_io& effects, std::istream& in, std::ostream& out,
               std::ostream& err)
{
    auto judge = verify_judge{effects};
    for (auto line = std::string{}; std::getline(in, line);) {
        out << print_json(run_line(line, options, effects, judge, err), json_escape::ascii) << '\n';
        // Whoever writes one line and waits for its answer gets it.
        if (in.rdbuf()->in_avail() <= 0) {
            out.flush();
        }
    }
}

auto usage(std::string_view what, std::ostream& err) -> verify_exit
{
    err << "error: " << what << '\n';
    return verify_exit::usage;
}

auto run_batch(const std::string& path, const verify_options& options, const verify_io& effects, std::istream& in,
               std::ostream& out, std::ostream& err) -> verify_exit
{
    if (!options.blob.empty() || !options.signature.empty() || options.bundle) {
        return usage("--blob, --signature and --bundle name one operation, and --batch has many", err);
    }
    if (path == "-") {
        run_lines(options, effects, in, out, err);
        return verify_exit::accepted;
    }
    auto file = std::ifstream{path, std::ios::binary};
    if (!file) {
        return usage("cannot read " + path, err);
    }
    run_lines(options, effects, file, out, err);
    return verify_exit::accepted;
}

auto run_repair(const std::string& path, const verify_options& options, const verify_io& effects, std::ostream& out,
                std::ostream& err) -> verify_exit
{
    // The horizon must cover all that was accepted until now, so that no other time than the clock's will do.
    if (options.at || options.batch || options.bundle || !options.blob.empty() || !options.signature.empty()) {
        return usage("--repair-nonce-store goes with --skew, --max-window and --json only", err);
    }
    const auto policy = read_policy(options);
    if (!policy) {
        return usage(policy.error().detail, err);
    }
    const auto repaired = effects.repair_nonce_store(path, authz::latest_expiry(effects.now(), *policy));
    if (options.json) {
        out << print_json(to_json(repaired), json_escape::ascii) << '\n';
    } else if (repaired) {
        print(*repaired, path, out);
    } else {
        err << "error: " << repaired.error() << '\n';
    }
    return repaired ? verify_exit::accepted : verify_exit::configuration;
}

} // namespace

auto run_verify(const verify_options& options, const verify_io& effects, std::istream& in, std::ostream& out,
                std::ostream& err) -> verify_exit
{
    if (const auto& path = options.repair_nonce_store) {
        return run_repair(*path, options, effects, out, err);
    }
    if (const auto& path = options.batch) {
        return run_batch(*path, options, effects, in, out, err);
    }
    return run_one(options, effects, out, err);
}

} // namespace felhom::agent
