// SPDX-License-Identifier: Apache-2.0
#include "sign/run_commands.hpp"

#include <felhom/authz/operation/operation_name.hpp>

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <exception>
#include <string>

namespace {

using namespace felhom;
using namespace felhom::sign;

/// What can be done to a subject: "destroy" where guest.destroy can be signed and the subject is "guest".
auto verbs_of(const std::string& subject) -> std::string
{
    auto verbs = std::string{};
    for (const auto name : authz::operation_names) {
        if (name.starts_with(subject + ".")) {
            verbs.append(verbs.empty() ? "" : ", ").append(name.substr(subject.size() + 1));
        }
    }
    return verbs;
}

constexpr auto key_help = "SSH key: a private key file, or the public half of a key in ssh-agent";

void add_key(CLI::App& to, std::string& key, std::string& hash)
{
    to.add_option("--key", key, key_help)->required();
    to.add_option("--hash", hash, "Digest of the message")
        ->check(CLI::IsMember({"sha256", "sha512"}))
        ->capture_default_str();
}

auto add_signing(CLI::App& app, const std::string& subject, const std::string& what, sign_arguments& given)
    -> const CLI::App*
{
    auto& options = given.options;
    auto& outputs = given.outputs;
    auto* const sign = app.add_subcommand(subject, what);
    sign->add_option("verb", given.verb, "What to do: " + verbs_of(subject))->required();
    sign->add_option("--host", given.hosts, "Host id of the agent that is to do it; may be given more than once")
        ->required()
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    sign->add_option("--guest", options.guest, "The guest's vmid")->required();
    add_key(*sign, options.key, options.hash);
    sign->add_option("--key-id", options.key_id, "Hint for the audit trail; the key file's name by default");
    sign->add_option("--valid", options.valid, "How long the operation may be begun: 90s, 15m, 2h")
        ->capture_default_str();
    sign->add_option("--not-before", options.not_before, "RFC 3339 time from which on it may be begun; now by default");
    sign->add_option("--expect-digest", options.expect_digest,
                     "Refuse unless the guest's configuration has this digest");
    sign->add_option("--params", options.params, "The operation's parameters, a JSON object")->capture_default_str();
    if (subject == "guest") {
        sign->add_option("--from-plan", given.plan,
                         "Take the parameters of set_config from what `felhom-agent plan --json` printed: all that of "
                         "this guest waits for a signature");
    }
    sign->add_option("--signers", options.signers,
                     "The host's signers, a file as for felhom-agent verify: the key must be one that may sign this");
    sign->add_option("--out", outputs.bundle,
                     "Bundle of operation and signature; - for the standard output; for several hosts a directory")
        ->capture_default_str();
    sign->add_option("--blob-out", outputs.blob, "Also write the operation to this file");
    sign->add_option("--signature-out", outputs.signature, "Also write the signature to this file");
    sign->add_flag("-y,--yes", given.yes, "Do not ask on a terminal");
    return sign;
}

auto add_bundle_command(CLI::App& app, const std::string& name, const std::string& what, bundle_arguments& given)
    -> CLI::App*
{
    auto* const command = app.add_subcommand(name, what);
    command->add_option("bundle", given.bundle, "File that felhom-sign wrote; - for the standard input")
        ->capture_default_str();
    command->add_option("--signers", given.signers,
                        "The host's signers, a file as for felhom-agent verify: the signer must be one of them");
    return command;
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

    auto shown = bundle_arguments{};
    const auto* const show =
        add_bundle_command(app, "show", "Show what a bundle would do, to what, until when, and who signed it", shown);
    auto cosigned = bundle_arguments{};
    auto* const cosign = add_bundle_command(
        app, "cosign", "Add a signature of another key to a bundle, as a quorum asks for: a second bundle", cosigned);
    add_key(*cosign, cosigned.key, cosigned.hash);
    cosign->add_option("--out", cosigned.out, "The second bundle; - for the standard output")->capture_default_str();
    cosign->add_flag("-y,--yes", cosigned.yes, "Do not ask on a terminal");

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
    if (show->parsed()) {
        return run_show(shown);
    }
    if (cosign->parsed()) {
        return run_cosign(cosigned);
    }
    auto& given = guest->parsed() ? of_guest : of_backup;
    given.options.op = (guest->parsed() ? guest : backup)->get_name() + "." + given.verb;
    return run_sign(given);
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
