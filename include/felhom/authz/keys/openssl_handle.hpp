// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <memory>

namespace felhom::authz::detail {

template <auto Free>
struct freed_by {
    template <typename T>
    void operator()(T* handle) const noexcept
    {
        Free(handle);
    }
};

using bignum_context_handle = std::unique_ptr<BN_CTX, freed_by<&BN_CTX_free>>;
using bignum_handle = std::unique_ptr<BIGNUM, freed_by<&BN_free>>;
using ecdsa_sig_handle = std::unique_ptr<ECDSA_SIG, freed_by<&ECDSA_SIG_free>>;
using params_builder_handle = std::unique_ptr<OSSL_PARAM_BLD, freed_by<&OSSL_PARAM_BLD_free>>;
using params_handle = std::unique_ptr<OSSL_PARAM, freed_by<&OSSL_PARAM_free>>;
using key_context_handle = std::unique_ptr<EVP_PKEY_CTX, freed_by<&EVP_PKEY_CTX_free>>;
using digest_context_handle = std::unique_ptr<EVP_MD_CTX, freed_by<&EVP_MD_CTX_free>>;
using key_handle = std::unique_ptr<EVP_PKEY, freed_by<&EVP_PKEY_free>>;

} // namespace felhom::authz::detail
