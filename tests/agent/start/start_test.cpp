// SPDX-License-Identifier: Apache-2.0
// Each program of ours, started once: what a sanitizer finds in main() and in what is called from there alone.

#include "support/catch.hpp"
#include "support/scratch_directory.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

namespace {

using felhom::tests::scratch_directory;

struct ended {
    int status;
    std::string output; ///< of both streams
};

/// Runs a shell's line; its streams go to a file of `files`.
[[nodiscard]] auto run(const scratch_directory& files, const std::string& line) -> ended
{
    const auto output = (files / "output").string();
    const auto whole = "{ " + line + " ; } >" + output + " 2>&1 </dev/null";
    const auto status = std::system(whole.c_str()); // NOLINT(cert-env33-c): a test of a command line
    auto in = std::ifstream{output};
    return {.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1, .output = {std::istreambuf_iterator<char>{in}, {}}};
}

/// A line that starts a server, waits until it says where it serves, and ends it.
[[nodiscard]] auto served_and_ended(const scratch_directory& files, const std::string& server) -> std::string
{
    const auto said = (files / "said").string();
    return "{ " + server + " --port 0 >" + said + " & } ; while kill -0 $! && ! grep -q '^url https://127.0.0.1:' "
           + said + " ; do sleep 0.02 ; done ; kill -TERM $! ; wait $!";
}

} // namespace

TEST_CASE("felhom-demo shows the agent at work to the end")
{
    const auto files = scratch_directory{};
    const auto done = run(files, FELHOM_DEMO " --agent " FELHOM_AGENT);
    INFO(done.output);
    CHECK(done.status == 0);
}

TEST_CASE("felhom-sign tells what it can sign")
{
    const auto files = scratch_directory{};
    for (const auto& [subject, verb] : {std::pair{"guest", "destroy"}, std::pair{"backup", "delete"}}) {
        const auto done = run(files, std::string{FELHOM_SIGN " "} + subject + " --help");
        INFO(done.output);
        CHECK(done.status == 0);
        CHECK(done.output.find(verb) != std::string::npos);
    }
}

TEST_CASE("felhom-sim serves until it is ended")
{
    const auto files = scratch_directory{};
    const auto done = run(files, served_and_ended(files, FELHOM_SIM));
    INFO(done.output);
    CHECK(done.status == 0);
}

TEST_CASE("felhom-hub-sim serves until it is ended")
{
    const auto files = scratch_directory{};
    const auto done = run(files, served_and_ended(files, FELHOM_HUB_SIM " " + (files / "").string()));
    INFO(done.output);
    CHECK(done.status == 0);
}
