// SPDX-License-Identifier: Apache-2.0
#include "sign/run_commands.hpp"

#include "sign/bundle_command.hpp"
#include "sign/plan_params.hpp"

#include <felhom/authz/operation/canonicalize.hpp>
#include <felhom/authz/operation/operation_name.hpp>
#include <felhom/core/json/error.hpp>
#include <felhom/core/json/writer.hpp>

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

namespace felhom::sign {

namespace {

constexpr auto exit_refused = 1;
constexpr auto exit_data = 65;
constexpr auto exit_unavailable = 69;
constexpr auto exit_cannot_create = 73;

constexpr auto not_confirmed = "nothing was signed: nobody said yes, at a terminal or by --yes";

auto now_of_clock() -> instant
{
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
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

auto contents_of(const std::string& path) -> std::optional<std::string>
{
    auto file = std::ifstream{};
    if (path != "-") {
        file.open(path, std::ios::binary);
        if (!file) {
            return std::nullopt;
        }
    }
    auto& in = path == "-" ? std::cin : file;
    return std::string{std::istreambuf_iterator<char>{in}, {}};
}

/// Whose words are signed: those of the command line, or somebody else's, out of a plan or a bundle.
enum class words_of { the_signer, somebody_else };

/// Asks whoever sits at the terminal, by that: the standard input may be what is to be signed. Where nobody can be
/// asked, a script knows what it signs, unless somebody else wrote it.
auto is_confirmed(bool yes, words_of whose) -> bool
{
    if (yes) {
        return true;
    }
    auto terminal = std::fstream{"/dev/tty", std::ios::in | std::ios::out};
    if (::isatty(STDERR_FILENO) == 0 || !terminal) {
        return whose == words_of::the_signer;
    }
    terminal << "Sign this? Only 'yes' is taken: " << std::flush;
    auto answer = std::string{};
    return std::getline(terminal, answer) && answer == "yes";
}

auto write_bundle(const authz::bundle& both, const std::string& path) -> bool
{
    const auto text = authz::write_bundle(both);
    return text && write_to(path, *text);
}

auto hash_named(const std::string& name) -> authz::message_hash
{
    return name == "sha256" ? authz::message_hash::sha256 : authz::message_hash::sha512;
}

/// One operation for one host, from what was typed to the bundle.
auto sign_for(const sign_arguments& given, const std::string& host, const std::string& bundle) -> int
{
    auto options = given.options;
    options.host = host;
    const auto nonce = random_nonce();
    if (!nonce) {
        return complain(nonce.error(), exit_unavailable);
    }
    const auto op = plan_operation(options, now_of_clock(), *nonce);
    if (!op) {
        return complain(op.error(), exit_usage);
    }
    if (const auto may = check_signer(options, *op); !may) {
        return complain(may.error(), exit_usage);
    }
    std::cerr << summary(*op) << std::flush;
    if (!is_confirmed(given.yes, given.plan ? words_of::somebody_else : words_of::the_signer)) {
        return complain(not_confirmed, exit_refused);
    }
    const auto both = sign_operation(*op, options.key, hash_named(options.hash));
    if (!both) {
        return complain(both.error(), exit_unavailable);
    }
    const auto& outputs = given.outputs;
    const auto written = write_bundle(*both, bundle) && (!outputs.blob || write_to(*outputs.blob, both->blob))
                         && (!outputs.signature || write_to(*outputs.signature, both->armor));
    return written ? EXIT_SUCCESS : complain("cannot write what was signed to " + bundle, exit_cannot_create);
}

/// Takes the parameters out of a plan, where one was given.
auto take_params(sign_arguments& given) -> tl::expected<void, std::string>
{
    if (!given.plan) {
        return {};
    }
    const auto text = contents_of(*given.plan);
    const auto guest = vmid::parse(given.options.guest);
    if (!text || !guest || given.options.op != authz::operation_name::set_config || given.options.params != "{}") {
        return tl::unexpected(!text    ? "cannot read " + *given.plan
                              : !guest ? describe(guest.error())
                                       : "--from-plan is for `guest set_config`, and instead of --params");
    }
    return params_from_plan(*text, *guest).map([&](const boost::json::object& params) {
        given.options.params = print_json(params);
    });
}

/// What both commands on a bundle begin with: the bundle, and how it is shown.
auto load_bundle(const bundle_arguments& given, authz::bundle& both, shown_bundle& shown) -> int
{
    const auto text = contents_of(given.bundle);
    if (!text) {
        return complain("cannot read " + given.bundle, exit_usage);
    }
    const auto read = authz::parse_bundle(*text);
    if (!read) {
        return complain(given.bundle + " is no bundle: " + describe(read.error()), exit_data);
    }
    const auto signers = given.signers ? contents_of(*given.signers) : std::nullopt;
    if (given.signers && !signers) {
        return complain("cannot read " + *given.signers, exit_usage);
    }
    const auto made = show_bundle(*read, signers, now_of_clock());
    if (!made) {
        return complain(made.error(), exit_data);
    }
    both = *read;
    shown = *made;
    return EXIT_SUCCESS;
}

} // namespace

auto complain(const std::string& what, int status) -> int
{
    std::cerr << "felhom-sign: " << what << '\n';
    return status;
}

auto run_sign(sign_arguments given) -> int
{
    if (const auto taken = take_params(given); !taken) {
        return complain(taken.error(), exit_usage);
    }
    const auto& out = given.outputs.bundle;
    if (given.plan && given.hosts.size() > 1) {
        return complain("--from-plan is for one --host: the plan was made for that one", exit_usage);
    }
    if (given.hosts.size() == 1) {
        return sign_for(given, given.hosts.front(), out);
    }
    if (!std::filesystem::is_directory(out) || given.outputs.blob || given.outputs.signature) {
        return complain("for several hosts --out must be a directory: it gets HOST.bundle for each, and nothing else",
                        exit_usage);
    }
    for (const auto& host : given.hosts) {
        if (const auto status = sign_for(given, host, (std::filesystem::path{out} / (host + ".bundle")).string());
            status != EXIT_SUCCESS) {
            return status;
        }
    }
    return EXIT_SUCCESS;
}

auto run_show(const bundle_arguments& given) -> int
{
    auto both = authz::bundle{};
    auto shown = shown_bundle{};
    if (const auto status = load_bundle(given, both, shown); status != EXIT_SUCCESS) {
        return status;
    }
    return !write_to("-", shown.text) ? exit_cannot_create : shown.holds ? EXIT_SUCCESS : exit_refused;
}

auto run_cosign(const bundle_arguments& given) -> int
{
    auto first = authz::bundle{};
    auto shown = shown_bundle{};
    if (const auto status = load_bundle(given, first, shown); status != EXIT_SUCCESS) {
        return status;
    }
    std::cerr << shown.text << std::flush;
    if (!shown.holds) {
        return complain("the signature that it has does not hold; nothing was signed", exit_refused);
    }
    if (!is_confirmed(given.yes, words_of::somebody_else)) {
        return complain(not_confirmed, exit_refused);
    }
    const auto second = cosign(first, given.key, hash_named(given.hash));
    if (!second) {
        return complain(second.error(), exit_unavailable);
    }
    return write_bundle(*second, given.out)
               ? EXIT_SUCCESS
               : complain("cannot write what was signed to " + given.out, exit_cannot_create);
}

auto run_canonicalize(const std::string& path) -> int
{
    const auto text = contents_of(path);
    if (!text) {
        return complain("cannot read " + path, exit_usage);
    }
    const auto canonical = authz::canonicalize(*text, {.bytes = std::size_t{16} << 20U, .depth = 64});
    if (!canonical) {
        return complain(describe(canonical.error()), exit_data);
    }
    return write_to("-", *canonical) ? EXIT_SUCCESS : exit_cannot_create;
}

} // namespace felhom::sign
