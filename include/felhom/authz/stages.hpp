// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/error.hpp>
#include <felhom/authz/keys/public_key.hpp>
#include <felhom/authz/operation/operation.hpp>
#include <felhom/authz/signers/signers.hpp>
#include <felhom/authz/sshsig/envelope.hpp>
#include <felhom/authz/time_policy.hpp>
#include <felhom/core/host_id.hpp>

#include <tl/expected.hpp>

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

// What an operation has passed, stage by stage. Each type can be made only by the function of its stage (pipeline.hpp),
// which takes the type of the stage before: a skipped or exchanged stage does not compile.
namespace felhom::authz {

class authentic;
class parsed;

/// Passed 1: the armor is one signature, and the frame of its envelope is in order.
class armored {
public:
    [[nodiscard]] auto frame() const -> const envelope& { return frame_; }

    // The frame points into the bytes, which a vector takes along when it is moved, but not when it is copied.
    armored(const armored&) = delete;
    auto operator=(const armored&) -> armored& = delete;
    armored(armored&&) = default;
    auto operator=(armored&&) -> armored& = default;
    ~armored() = default;

private:
    friend auto parse_armor(std::string_view file) -> tl::expected<armored, error>;
    armored(std::vector<char> bytes, const envelope& frame) : bytes_{std::move(bytes)}, frame_{frame} {}

    std::vector<char> bytes_;
    envelope frame_;
};

/// Passed 2: the signature was made for operations on hosts, and for nothing else.
class framed {
public:
    [[nodiscard]] auto frame() const -> const envelope& { return before_.frame(); }

private:
    friend auto require_namespace(armored&& signature) -> tl::expected<framed, error>;
    explicit framed(armored&& before) : before_{std::move(before)} {}

    armored before_;
};

/// Passed 3: the key in the envelope is a well-formed key of a type that may sign.
class keyed {
public:
    [[nodiscard]] auto frame() const -> const envelope& { return before_.frame(); }
    [[nodiscard]] auto key() const -> const public_key& { return key_; }

private:
    friend auto parse_key(framed&& signature, const signers& listed) -> tl::expected<keyed, error>;
    keyed(framed&& before, const public_key& key) : before_{std::move(before)}, key_{key} {}

    framed before_;
    public_key key_;
};

/// Passed 4: the key is a signer's.
class allowed {
public:
    [[nodiscard]] auto frame() const -> const envelope& { return before_.frame(); }
    [[nodiscard]] auto by() const -> const signer& { return *by_; }

private:
    friend auto find_signer(keyed&& signature, const signers& listed, instant now) -> tl::expected<allowed, error>;
    friend auto authenticate(allowed&& signature, std::string_view blob) -> tl::expected<authentic, error>;
    allowed(keyed&& before, std::shared_ptr<const signer> by) : before_{std::move(before)}, by_{std::move(by)} {}

    keyed before_;
    std::shared_ptr<const signer> by_;
};

/// Passed 5: the signer signed exactly these bytes. A view of them: the next stage reads what was verified and no copy.
class authentic {
public:
    [[nodiscard]] auto blob() const -> std::string_view { return blob_; }
    [[nodiscard]] auto by() const -> const signer& { return *by_; }

private:
    friend auto authenticate(allowed&& signature, std::string_view blob) -> tl::expected<authentic, error>;
    friend auto read_operation(authentic&& message, const time_policy& policy) -> tl::expected<parsed, error>;
    authentic(std::string_view blob, std::shared_ptr<const signer> by) : blob_{blob}, by_{std::move(by)} {}

    std::string_view blob_;
    std::shared_ptr<const signer> by_;
};

/// Passed 6: the bytes are an operation that its signer may sign.
class parsed {
public:
    [[nodiscard]] auto what() const -> const operation& { return what_; }
    [[nodiscard]] auto by() const -> const signer& { return *by_; }

private:
    friend auto read_operation(authentic&& message, const time_policy& policy) -> tl::expected<parsed, error>;
    parsed(operation what, std::shared_ptr<const signer> by) : what_{std::move(what)}, by_{std::move(by)} {}

    operation what_;
    std::shared_ptr<const signer> by_;
};

/// Passed 7: the operation is for this host.
class targeted {
public:
    [[nodiscard]] auto what() const -> const operation& { return before_.what(); }
    [[nodiscard]] auto by() const -> const signer& { return before_.by(); }

private:
    friend auto require_target(parsed&& op, const host_id& here) -> tl::expected<targeted, error>;
    explicit targeted(parsed&& before) : before_{std::move(before)} {}

    parsed before_;
};

/// Passed 8: the operation is for now. What is missing is that it was not carried out before.
class timely {
public:
    [[nodiscard]] auto what() const -> const operation& { return before_.what(); }
    [[nodiscard]] auto by() const -> const signer& { return before_.by(); }

    /// From when on stage 8 refuses the operation, by the skew of this verification. For people and reports: what the
    /// replay memory is given is expires_at itself, which no setting changes.
    [[nodiscard]] auto remember_until() const -> instant { return remember_until_; }

private:
    friend auto require_time(targeted&& op, instant now, const time_policy& policy) -> tl::expected<timely, error>;
    timely(targeted&& before, instant remember_until) : before_{std::move(before)}, remember_until_{remember_until} {}

    targeted before_;
    instant remember_until_;
};

} // namespace felhom::authz
