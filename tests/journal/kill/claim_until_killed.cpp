// SPDX-License-Identifier: Apache-2.0
#include "journal/kill/claims.hpp"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <iostream>
#include <thread>
#include <vector>

// claim_until_killed STORE RUN: claims nonces on several threads, prunes in between, and writes each acknowledged
// number to standard output, until it is killed.
auto main(int argc, char** argv) -> int
{
    using namespace felhom; // NOLINT(google-build-using-namespace): a test program
    const auto arguments = std::vector<std::string>(argv, argv + argc);
    if (arguments.size() != 3) {
        return EXIT_FAILURE;
    }
    const auto run = std::strtoull(arguments[2].c_str(), nullptr, 10);
    const auto store =
        io::replay_store::open(io::system_disk(), arguments[1], "claim_until_killed", tests::small_files);
    if (!store) {
        std::cerr << describe(store.error()) << '\n';
        return EXIT_FAILURE;
    }
    auto next = std::atomic<tests::claim_number>{run << tests::run_shift};
    const auto claim = [&] {
        while (true) {
            const auto number = next++;
            // Less than PIPE_BUF, so that no number is told in part.
            if ((*store)->claim(tests::nonce_of(number), tests::expiry_of(number))
                && ::write(STDOUT_FILENO, &number, sizeof number) != sizeof number) {
                return;
            }
        }
    };
    auto threads = std::vector<std::thread>{};
    for (auto count = 0; count < 3; ++count) {
        threads.emplace_back(claim);
    }
    while ((*store)->prune(tests::clock_at(next), std::chrono::seconds{4})) {
        std::this_thread::sleep_for(std::chrono::microseconds{500});
    }
    return EXIT_FAILURE;
}
