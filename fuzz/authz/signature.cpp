// SPDX-License-Identifier: Apache-2.0
#include "fuzz.hpp"

#include <felhom/authz/signers/signers.hpp>
#include <felhom/authz/sshsig/verify_signature.hpp>

#include <vector>

using namespace felhom;

namespace {

// One key of each type; their private halves are gone.
auto keys() -> const authz::signers&
{
    static const auto all = [] {
        auto settings = std::vector<authz::signer_settings>{};
        for (const auto* line : {
                 "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAhqYyyihyPCidSdW/y9z25/DMpmiI6mji/QAWEJmoPv",
                 "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBM5Y+8wOFMlSlN2phbxaGOQBOu8c"
                 "kqKyk6kyte16eg+eolo+k4JND96WkKgj/VkY8dcaV/xgWoHanZDcbgYSc0g=",
                 "sk-ssh-ed25519@openssh.com "
                 "AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIII7mLtVjTIqZb85mOVGNpL3NfqfqqG"
                 "ZreouBBRYncbWAAAABHNzaDo=",
                 "sk-ecdsa-sha2-nistp256@openssh.com AAAAInNrLWVjZHNhLXNoYTItbmlzdHAyNTZAb3BlbnNzaC5jb20AAAAIbmlzdHAyNT"
                 "YAAABBBCfTBgRwnnFdXiBk73CFzL7obdSNd4cmC/SiwG2Tj4xO5Kib+DtK9ar3RhNzAzPjcTyRMi+OciEfenEZ6ZQ1/hAAAAAEc3N"
                 "oOg==",
                 "ssh-rsa "
                 "AAAAB3NzaC1yc2EAAAADAQABAAABAQCyZWZ/nW1YhinzDReMfCcRoVJ106tR9nUy/KsdH2j0elc3ngB2dQLI12oReB563c1D"
                 "jwJ5g4XyKLJwcQvxXyaNr2m8T/L9wTuLmImy8ayWn8McsQWdaIojPvdhlqf3p4RJ8sqakMqvPJLbJbJyc7T2V/7s72KltGJL"
                 "jA0qvQqB7AqyUnmYfVA+P9wA/Qj4Rwynnz5HmacwrrIUt934MV95hETXDqy3jE2ohluCiP/I8mc6bbvVmr2Z9X1vhJIkY1TI"
                 "c2Ie1O2CYcoKvG17xRueOzxS+QPpppgTZSrs7/FoOFw2bVrPK8i/3dXnorMelnugcLqoGZN66JtPuTl4U9th",
                 "ecdsa-sha2-nistp384 "
                 "AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBLp1CZuhcUcH3Ing8qGhl8lTJT9SAKQuhvtpaW1kPf+f"
                 "dxmFFdhRyhpCLB0KlkctHFYsmL0KfmSH8PQs3gf+MhZx2UYEnvHdWnFhr18Kq9rQ1q8WCgDYxSrk/y4eFKdylg==",
                 "ecdsa-sha2-nistp521 "
                 "AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAEF7RXnJr7pHUjvK+9UlaC7cSSbbeURjERk2AGmnGdt"
                 "rr1DlxoVxShUQDO3l6+3kfmLl+iWH0raD41SWuwYoBcNLAEB3htErTN+G1PowV9dq8/FVcdouelZ7P7C7d5NOf/ubmCDGFG4"
                 "6DzOcmO808rpiGv1NIYfr0WReefqzIxcbTnOVg==",
             }) {
            settings.push_back({.authorized_key = line, .tag = authz::signer_tag::operational, .key_id = "seed"});
        }
        return authz::signers::load(settings);
    }();
    fuzz::require(all.has_value());
    return *all;
}

} // namespace

// No signature of the seeds is over this message, and none that can be made of them.
extern "C" auto LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) -> int
{
    for (const auto& one : keys().all()) {
        fuzz::require(!authz::verify_signature(one->key(), fuzz::text(data, size), "a message that nobody signed",
                                               authz::token_demand::presence)
                           .has_value());
    }
    return 0;
}
