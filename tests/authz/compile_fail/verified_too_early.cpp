// SPDX-License-Identifier: Apache-2.0
// error: reference of type 'felhom::authz::allowed
#include <felhom/authz/pipeline.hpp>

using namespace felhom::authz;

auto verify_early(keyed&& signature, const signers& listed, felhom::instant now, std::string_view blob)
{
    return authenticate(std::move(signature), blob);
}
