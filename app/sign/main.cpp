#include "sign/sign_command.hpp"

#include <felhom/authz/operation/canonicalize.hpp>
#include <felhom/authz/operation/operation_name.hpp>

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>

namespace {

using felhom::authz::message_hash;

constexpr auto exit_usage = 64;
constexpr auto exit_data = 65;
constexpr auto exit_unavailable = 69;
constexpr auto exit_software = 70;
constexpr auto exit_cannot_create = 73;

struct output_options {
    std::string bundle = "-";
    std::optional<std::string> blob;
    std::optional<std::string> signature;
};

auto complain(const std::string& what, int status) -> int
{
    std::cerr << "felhom-sign: " << what << '\n';
    return status;
}

auto write_to(const std::string& path, const std::string& text) -> bool
{
    if (path == "-") {
        std::cout << text << std::flush;
        return std::cout.good();
    }
    auto out = std::ofstream{path, std::ios::binary | std::ios::trunc};
    out << text << std::flush;
    return out.good();
}

auto run_sign(const felhom::sign::sign_options& options, const output_options& outputs) -> int
{
    const auto nonce = felhom::sign::random_nonce();
    if (!nonce) {
        return complain(nonce.error(), exit_unavailable);
    }
    const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    const auto op = felhom::sign::plan_operation(options, now, *nonce);
    if (!op) {
        return complain(op.error(), exit_usage);
    }
    if (const auto may = felhom::sign::check_signer(options, *op); !may) {
        return complain(may.error(), exit_usage);
    }
    std::cerr << felhom::sign::summary(*op) << std::flush;
    const auto hash = options.hash == "sha256" ? message_hash::sha256 : message_hash::sha512;
    const auto both = felhom::sign::sign_operation(*op, options.key, hash);
    if (!both) {
        return complain(both.error(), exit_unavailable);
    }
    const auto bundle = felhom::authz::write_bundle(*both);
    const auto written = bundle && write_to(outputs.bundle, *bundle)
                         && (!outputs.blob || write_to(*outputs.blob, both->blob))
                         && (!outputs.signature || write_to(*outputs.signature, both->armor));
    return written ? EXIT_SUCCESS : complain("cannot write what was signed", exit_cannot_create);
}

auto run_canonicalize(const std::string& path) -> int
{
    auto file = std::ifstream{};
    if (path != "-") {
        file.open(path, std::ios::binary);
        if (!file) {
            return complain("cannot read " + path, exit_usage);
        }
    }
    auto& in = path == "-" ? std::cin : file;
    const auto text = std::string{std::istreambuf_iterator<char>{in}, {}};
    const auto canonical = felhom::authz::canonicalize(text, {.bytes = std::size_t{16} << 20U, .depth = 64});
    if (!canonical) {
        return complain(describe(canonical.error()), exit_data);
    }
    return write_to("-", *canonical) ? EXIT_SUCCESS : exit_cannot_create;
}

/// What can be done to a subject: "destroy" where guest.destroy can be signed and the subject is "guest".
auto verbs_of(const std::string& subject) -> std::string
{
    auto verbs = std::string{};
    for (const auto name : felhom::authz::operation_names) {
        if (name.starts_with(subject + ".")) {
            verbs.append(verbs.empty() ? "" : ", ").append(name.substr(subject.size() + 1));
        }
    }
    return verbs;
}

struct sign_arguments {
    std::string verb;
    felhom::sign::sign_options options;
    output_options outputs;
};

auto add_signing(CLI::App& app, const std::string& subject, const std::string& what, sign_arguments& given)
    -> const CLI::App*
{
    auto& [verb, options, outputs] = given;
    auto* const sign = app.add_subcommand(subject, what);
    sign->add_option("verb", verb, "What to do: " + verbs_of(subject))->required();
    sign->add_option("--host", options.host, "Host id of the agent that is to do it")->required();
    sign->add_option("--guest", options.guest, "The guest's vmid")->required();
    sign->add_option("--key", options.key, "SSH key: a private key file, or the public half of a key in ssh-agent")
        ->required();
    sign->add_option("--key-id", options.key_id, "Hint for the audit trail; the key file's name by default");
    sign->add_option("--valid", options.valid, "How long the operation may be begun: 90s, 15m, 2h")
        ->capture_default_str();
    sign->add_option("--not-before", options.not_before, "RFC 3339 time from which on it may be begun; now by default");
    sign->add_option("--expect-digest", options.expect_digest,
                     "Refuse unless the guest's configuration has this digest");
    sign->add_option("--params", options.params, "The operation's parameters, a JSON object")->capture_default_str();
    sign->add_option("--signers", options.signers,
                     "The host's signers, a file as for felhom-agent verify: the key must be one that may sign this");
    sign->add_option("--hash", options.hash, "Digest of the message")
        ->check(CLI::IsMember({"sha256", "sha512"}))
        ->capture_default_str();
    sign->add_option("--out", outputs.bundle, "Bundle of operation and signature; - for the standard output")
        ->capture_default_str();
    sign->add_option("--blob-out", outputs.blob, "Also write the operation to this file");
    sign->add_option("--signature-out", outputs.signature, "Also write the signature to this file");
    return sign;
}

auto run(int count, const char* const* arguments) -> int
{
    auto app = CLI::App{"Sign operations for felhom agents with an SSH key", "felhom-sign"};
    app.require_subcommand(1);

    auto of_guest = sign_arguments{};
    auto of_backup = sign_arguments{};
    const auto* const guest =
        add_signing(app, "guest", "Sign an operation on a guest: felhom-sign guest destroy ...", of_guest);
    const auto* const backup =
        add_signing(app, "backup", "Sign an operation on a guest's backup: felhom-sign backup delete ...", of_backup);

    auto json_path = std::string{"-"};
    auto* const canonicalize = app.add_subcommand("canonicalize", "Print JSON in its canonical form (RFC 8785)");
    canonicalize->add_option("file", json_path, "JSON file; - for the standard input")->capture_default_str();

    try {
        app.parse(count, arguments);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == EXIT_SUCCESS ? EXIT_SUCCESS : exit_usage;
    }
    if (canonicalize->parsed()) {
        return run_canonicalize(json_path);
    }
    auto& given = guest->parsed() ? of_guest : of_backup;
    given.options.op = (guest->parsed() ? guest : backup)->get_name() + "." + given.verb;
    return run_sign(given.options, given.outputs);
}

} // namespace

auto main(int count, char** arguments) -> int
{
    try {
        return run(count, arguments);
    } catch (const std::exception& e) {
        return complain(e.what(), exit_software);
    }
}
