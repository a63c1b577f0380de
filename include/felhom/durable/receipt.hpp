#pragma once

#include <felhom/durable/batch.hpp>
#include <felhom/durable/digest.hpp>
#include <felhom/durable/frame.hpp>
#include <felhom/durable/head.hpp>
#include <felhom/durable/payload.hpp>

namespace felhom::io {
class durable_log; // the one that writes and syncs
} // namespace felhom::io

namespace felhom::durable {

/// The proof that a record is on the disk. Only the log makes one, after the sync that covered the record.
class receipt {
public:
    [[nodiscard]] auto at() const -> const head& { return at_; }

    /// Whether this is what was recorded: no other payload continues the hash chain to this place.
    [[nodiscard]] auto covers(const payload& data) const -> bool
    {
        auto line = std::string{};
        append_linked(line, in_, data);
        return chain{}.link(before_, line) == at_.hash;
    }

    friend auto operator==(const receipt&, const receipt&) -> bool = default;

private:
    friend class felhom::io::durable_log;
    receipt(const digest& before, const place& in, const head& at) : before_{before}, in_{in}, at_{at} {}

    digest before_; ///< the link of the chain that the record was appended to
    place in_;
    head at_;
};

} // namespace felhom::durable
