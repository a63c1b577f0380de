// SPDX-License-Identifier: Apache-2.0
#include "sim/hub/hub_server.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/parse.hpp>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace fs = std::filesystem;
using felhom::sim::hub_host;

auto text_of(const fs::path& file) -> std::string
{
    auto in = std::ifstream{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

auto first_line_of(const fs::path& file) -> std::string
{
    const auto text = text_of(file);
    return text.substr(0, text.find('\n'));
}

auto sha256(const std::string& text) -> std::string
{
    auto digest = std::array<unsigned char, EVP_MAX_MD_SIZE>{};
    auto size = 0U;
    if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
        throw std::runtime_error{"OpenSSL gives no SHA-256"};
    }
    static constexpr auto digits = std::string_view{"0123456789abcdef"};
    auto hex = std::string{};
    for (const auto byte : std::vector(digest.begin(), digest.begin() + size)) {
        hex += digits[byte / digits.size()];
        hex += digits[byte % digits.size()];
    }
    return hex;
}

/// What the directory of one host holds, in place of what there was: `key`, and if they are there `desired.json`,
/// `blocked` and, in `signed-ops/`, files that felhom-sign wrote. An operation that has its result is done with.
void load(hub_host& host, const fs::path& from)
{
    host.api_key = first_line_of(from / "key");
    host.blocked = fs::exists(from / "blocked");
    host.desired.reset();
    if (fs::exists(from / "desired.json")) {
        auto text = text_of(from / "desired.json");
        const auto document = boost::json::parse(text);
        host.desired = {.generation = document.at("generation").to_number<std::uint64_t>(), .text = std::move(text)};
    }
    host.operations.clear();
    if (fs::exists(from / "signed-ops")) {
        for (const auto& file : fs::directory_iterator{from / "signed-ops"}) {
            auto bundle = text_of(file);
            const auto document = boost::json::parse(bundle);
            const auto& blob = document.at("operation").as_string();
            host.operations.push_back({.blob_sha256 = sha256(std::string{blob}), .bundle = std::move(bundle)});
        }
    }
    std::erase_if(host.operations, [&](const auto& operation) { return host.results.contains(operation.blob_sha256); });
}

void load_all(felhom::sim::hub_store& hub, const fs::path& directory)
{
    for (const auto& entry : fs::directory_iterator{directory}) {
        if (entry.is_directory()) {
            load(hub.hosts[entry.path().filename()], entry.path());
        }
    }
}

/// Says what each host has sent so far.
void print_counts(const felhom::sim::hub_store& hub)
{
    for (const auto& [id, host] : hub.hosts) {
        std::cout << id << ": " << host.counters.reports << " reports, " << host.results.size() << " results\n";
    }
    std::cout << std::flush;
}

/// Serves until SIGINT or SIGTERM; SIGHUP reads the directory again, and says what came so far.
void serve(std::uint16_t port, const fs::path& directory, const std::string& certificate_file)
{
    auto signals = sigset_t{};
    sigemptyset(&signals);
    for (const auto each : {SIGINT, SIGTERM, SIGHUP}) {
        sigaddset(&signals, each);
    }
    // Blocked before the server's thread exists, so that the signals come to sigwait alone.
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);

    auto hub = felhom::sim::hub_store{};
    load_all(hub, directory);
    auto server = felhom::sim::hub_server{std::move(hub), {.port = port}};
    if (!certificate_file.empty()) {
        std::ofstream{certificate_file} << server.certificate_pem();
    }
    std::cout << "url " << server.url() << "\n" << std::flush;
    for (auto received = 0; sigwait(&signals, &received) == 0 && received == SIGHUP;) {
        try {
            server.with_hub([&](felhom::sim::hub_store& store) { load_all(store, directory); });
            std::cout << "read again\n";
            server.with_hub(print_counts);
        } catch (const std::exception& failure) {
            std::cerr << "felhom-hub-sim: not all was read again: " << failure.what() << '\n';
        }
    }
    server.with_hub(print_counts);
}

} // namespace

auto main(int argc, char** argv) -> int
{
    try {
        auto app = CLI::App{"A simulated hub over HTTPS on 127.0.0.1, with a directory for each of its hosts."};
        auto port = std::uint16_t{8443};
        auto directory = std::string{};
        auto certificate_file = std::string{};
        app.add_option("directory", directory,
                       "Holds HOST/key, and for each host, as needed, desired.json, "
                       "blocked and signed-ops/*; SIGHUP reads it again")
            ->required()
            ->check(CLI::ExistingDirectory);
        app.add_option("--port", port, "Port to listen on; 0 takes any free one")->capture_default_str();
        app.add_option("--certificate", certificate_file, "File to write the certificate to, for use as CA file");
        CLI11_PARSE(app, argc, argv);
        serve(port, directory, certificate_file);
        return 0;
    } catch (const std::exception& failure) {
        std::cerr << "felhom-hub-sim: " << failure.what() << '\n';
        return 1;
    }
}
