// SPDX-License-Identifier: Apache-2.0
// Appends the lines of standard input, JSON objects, to a hash-chained log and verifies all of it: chained_log FILE
//
// It syncs nothing: a log that must survive a crash is written as docs/security.md says.
#include <felhom/hash_chain/batch.hpp>
#include <felhom/hash_chain/scanner.hpp>

#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

namespace {

using namespace felhom;

auto complain(const std::string& why) -> int
{
    std::cerr << "error: " << why << '\n';
    return 1;
}

/// Reads all of a log; its window is the whole file.
auto verified(const char* path, const hash_chain::log_kind& kind)
{
    auto file = std::ifstream{path, std::ios::binary};
    const auto text = std::string{std::istreambuf_iterator<char>{file}, {}};
    auto scanner = hash_chain::scanner{kind};
    static_cast<void>(scanner.consume(text, /*last=*/true, [](const hash_chain::record&) {}));
    return std::move(scanner).finish();
}

} // namespace

auto main(int count, char** arguments) -> int
{
    const auto kind = hash_chain::log_kind::parse("example");
    if (count != 2 || !kind) {
        return complain("usage: chained_log FILE");
    }
    if (auto made = std::ofstream{arguments[1], std::ios::app}; made.tellp() == 0) {
        made << encode(hash_chain::log_header{.kind = *kind, .follows = {}}) << '\n';
    }
    auto at = verified(arguments[1], *kind);
    auto links = hash_chain::chain{};
    for (auto line = std::string{}; at && std::getline(std::cin, line); at = verified(arguments[1], *kind)) {
        const auto data = hash_chain::payload::parse(line);
        const auto* const one = data ? &*data : nullptr;
        const auto batch = data ? encode_batch(links, at->at, {&one, 1}) : std::nullopt;
        if (!batch) {
            return complain(data ? "SHA-256 is not available" : describe(data.error()));
        }
        std::ofstream{arguments[1], std::ios::app} << batch->bytes;
    }
    if (!at) {
        return complain(describe(at.error()));
    }
    std::cout << at->records << " records, the head is " << to_text(at->at) << '\n';
}
