// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/verify/verify_command.hpp"
#include "agent/verify/verify_report.hpp"
#include "agent/verify/verify_request.hpp"

#include <felhom/authz/pipeline.hpp>

#include <tl/expected.hpp>

#include <map>
#include <memory>
#include <string>

namespace felhom::agent {

/// Judges one operation after the other, and keeps what several of them need: loaded signers and open stores.
class verify_judge {
public:
    explicit verify_judge(const verify_io& effects) : effects_{&effects} {}

    [[nodiscard]] auto judge(const verify_request& request) -> judgement;

private:
    using loaded_signers = tl::expected<std::shared_ptr<const authz::signers>, config_refused>;
    using opened_store = tl::expected<nonce_store, authz::error>;

    [[nodiscard]] auto load(const std::string& path) const -> loaded_signers;
    [[nodiscard]] auto signers_at(const std::string& path) -> const loaded_signers&;
    [[nodiscard]] auto open(const std::string& path) const -> opened_store;
    [[nodiscard]] auto claim(authz::timely&& op, const std::string& path, const verify_request& request) -> judgement;
    void prune(const nonce_store& store, const verify_request& request, judgement& judged) const;

    const verify_io* effects_;
    std::map<std::string, loaded_signers> signers_;
    std::map<std::string, opened_store> stores_;
};

} // namespace felhom::agent
