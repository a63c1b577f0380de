// SPDX-License-Identifier: Apache-2.0
// Verifies a signed operation: verify_bundle SIGNERS.json HOST-ID BUNDLE
//
// It does not claim the operation's nonce: whoever acts on an operation must do that, once, in a memory that is
// durable.
#include <felhom/authz/operation/bundle.hpp>
#include <felhom/authz/pipeline.hpp>
#include <felhom/authz/signers/signers_json.hpp>

#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

namespace {

auto contents_of(const char* path) -> std::string
{
    auto file = std::ifstream{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

auto complain(const std::string& why) -> int
{
    std::cerr << "error: " << why << '\n';
    return 1;
}

} // namespace

auto main(int count, char** arguments) -> int
{
    if (count != 4) {
        return complain("usage: verify_bundle SIGNERS.json HOST-ID BUNDLE");
    }
    const auto signers = felhom::authz::parse_signers_file(contents_of(arguments[1]));
    if (!signers) {
        return complain(describe(signers.error()));
    }
    const auto here = felhom::host_id::parse(arguments[2]);
    if (!here) {
        return complain(describe(here.error()));
    }
    const auto bundle = felhom::authz::parse_bundle(contents_of(arguments[3]));
    if (!bundle) {
        return complain(describe(bundle.error()));
    }
    const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    const auto verified =
        felhom::authz::verify({.armor = bundle->armor, .blob = bundle->blob}, *signers, *here, now, {});
    if (!verified) {
        return complain(describe(verified.error()));
    }
    std::cout << verified->what().op << " of guest " << verified->what().guest_id.text() << ", signed by "
              << verified->by().key_id() << '\n';
}
