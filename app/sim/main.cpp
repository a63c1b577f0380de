// SPDX-License-Identifier: Apache-2.0
#include "sim/node/demo_world.hpp"
#include "sim/serve/https_server.hpp"

#include <CLI/CLI.hpp>
#include <boost/system/system_error.hpp>

#include <csignal>
#include <exception>
#include <fstream>
#include <iostream>

namespace {

/// Serves the demo world until SIGINT or SIGTERM.
void serve(std::uint16_t port, felhom::sim::pve_version version, const std::string& certificate_file)
{
    auto signals = sigset_t{};
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    // Blocked before the server's thread exists, so that the signals come to sigwait alone.
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);

    auto settings = felhom::sim::server_settings{};
    settings.port = port;
    auto server = felhom::sim::https_server{felhom::sim::demo_world(settings.clock(), version), settings};
    if (!certificate_file.empty()) {
        std::ofstream{certificate_file} << server.certificate_pem();
    }
    std::cout << "url " << server.url() << "\nfingerprint " << server.fingerprint() << "\ntoken "
              << felhom::sim::demo_tokens::agent << "=" << felhom::sim::demo_tokens::agent_secret << "\n"
              << std::flush;
    auto received = 0;
    sigwait(&signals, &received);
}

} // namespace

auto main(int argc, char** argv) -> int
{
    try {
        auto app = CLI::App{"A simulated Proxmox VE node with a few drifted guests, over HTTPS on 127.0.0.1."};
        auto port = std::uint16_t{8006};
        auto version = 9;
        auto certificate_file = std::string{};
        app.add_option("--port", port, "Port to listen on; 0 takes any free one")->capture_default_str();
        app.add_option("--pve", version, "Major version to behave as")
            ->check(CLI::IsMember({8, 9}))
            ->capture_default_str();
        app.add_option("--certificate", certificate_file, "File to write the certificate to, for use as CA file");
        CLI11_PARSE(app, argc, argv);
        serve(port, version == 8 ? felhom::sim::pve_version::v8 : felhom::sim::pve_version::v9, certificate_file);
        return 0;
    } catch (const boost::system::system_error& failure) { // what() also tells where in the library
        std::cerr << "felhom-sim: 127.0.0.1: " << failure.code().message() << "; give another --port\n";
        return 1;
    } catch (const std::exception& failure) {
        std::cerr << "felhom-sim: " << failure.what() << '\n';
        return 1;
    }
}
