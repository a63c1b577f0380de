// SPDX-License-Identifier: Apache-2.0
// Stands in for ssh-keygen -Y sign with a token: signs standard input with a new key that says to live in one, and sets
// the flags that FELHOM_TOKEN_FLAGS says.
#include "authz/support/test_key.hpp"

#include <cstdlib>
#include <iostream>
#include <iterator>
#include <string>

auto main() -> int
{
    using namespace felhom::authz; // NOLINT(google-build-using-namespace): a test program
    const auto message = std::string{std::istreambuf_iterator<char>{std::cin}, {}};
    const auto* const flags = std::getenv("FELHOM_TOKEN_FLAGS");
    const auto status =
        token_signs{.flags = static_cast<std::uint8_t>(flags == nullptr ? 1 : std::strtoul(flags, nullptr, 10))};
    const auto key = test_key{key_kind::sk_ed25519};
    std::cout << armor_of(envelope_for(key, message, "felhom-op-v1", message_hash::sha512, status).bytes());
    return EXIT_SUCCESS;
}
