#include "sign/sign_command.hpp"

#include <felhom/authz/canonicalize.hpp>

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

auto run_guest(const felhom::sign::guest_options& options, const output_options& outputs) -> int
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

auto run(int count, const char* const* arguments) -> int
{
    auto app = CLI::App{"Sign operations for felhom agents with an SSH key", "felhom-sign"};
    app.require_subcommand(1);

    auto options = felhom::sign::guest_options{};
    auto outputs = output_options{};
    auto* const guest = app.add_subcommand("guest", "Sign an operation on a guest: felhom-sign guest destroy ...");
    guest->add_option("verb", options.verb, "What to do, such as destroy")->required();
    guest->add_option("--host", options.host, "Host id of the agent that is to do it")->required();
    guest->add_option("--guest", options.guest, "The guest's vmid")->required();
    guest->add_option("--key", options.key, "SSH key: a private key file, or the public half of a key in ssh-agent")
        ->required();
    guest->add_option("--key-id", options.key_id, "Hint for the audit trail; the key file's name by default");
    guest->add_option("--valid", options.valid, "How long the operation may be begun: 90s, 15m, 2h")
        ->capture_default_str();
    guest->add_option("--not-before", options.not_before,
                      "RFC 3339 time from which on it may be begun; now by default");
    guest->add_option("--expect-digest", options.expect_digest,
                      "Refuse unless the guest's configuration has this digest");
    guest->add_option("--params", options.params, "Further parameters, a JSON object of strings and integers")
        ->capture_default_str();
    guest->add_option("--hash", options.hash, "Digest of the message")
        ->check(CLI::IsMember({"sha256", "sha512"}))
        ->capture_default_str();
    guest->add_option("--out", outputs.bundle, "Bundle of operation and signature; - for the standard output")
        ->capture_default_str();
    guest->add_option("--blob-out", outputs.blob, "The operation's bytes apart");
    guest->add_option("--signature-out", outputs.signature, "The signature apart");

    auto json_path = std::string{"-"};
    auto* const canonicalize = app.add_subcommand("canonicalize", "Print JSON in its canonical form (RFC 8785)");
    canonicalize->add_option("file", json_path, "JSON file; - for the standard input")->capture_default_str();

    try {
        app.parse(count, arguments);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == EXIT_SUCCESS ? EXIT_SUCCESS : exit_usage;
    }
    return guest->parsed() ? run_guest(options, outputs) : run_canonicalize(json_path);
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
